package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The names found below a folder: no more of them than the bytes that a list of the same images may have. */
final class FolderListing {
    private final URI folder;
    private final long maxBytes;
    private final List<String> paths = new ArrayList<>();
    private long bytes;

    FolderListing(URI folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    void add(String path) {
        if (path.isEmpty()) {
            return; // the mark that some tools put into a bucket for the folder itself
        }
        bytes += path.getBytes(StandardCharsets.UTF_8).length + 1;
        if (bytes > maxBytes) {
            throw Faults.of(
                    ErrorKind.TOO_LARGE,
                    Faults.shown(folder) + " holds " + paths.size() + " files and more: their names have more than the "
                            + maxBytes + " bytes that a list of images may have");
        }
        paths.add(path);
    }

    List<String> paths() {
        return paths;
    }
}

package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Goes through a folder and those in it, links too where they stay below the same data root. */
final class FolderWalk {
    private final URI folder;
    private final Path root;
    private final FolderListing listing;
    private final Deque<Path> entered = new ArrayDeque<>();

    private FolderWalk(URI folder, Path root, FolderListing listing) {
        this.folder = folder;
        this.root = root;
        this.listing = listing;
    }

    /** As {@link ImageFetcher#list}; root and start are without links. */
    static List<String> below(URI folder, Path root, Path start, long maxBytes) throws IOException {
        if (!Files.isDirectory(start)) {
            throw Faults.of(ErrorKind.INVALID, Faults.shown(folder) + " ends in / and is no folder");
        }
        FolderListing listing = new FolderListing(folder, maxBytes);
        new FolderWalk(folder, root, listing).walk(start, "");
        return listing.paths();
    }

    private void walk(Path real, String prefix) throws IOException {
        entered.push(real);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(real)) {
            for (Path entry : entries) {
                String path = prefix + entry.getFileName();
                if (Files.isDirectory(entry)) {
                    listing.add(path + "/");
                    walk(allowed(entry, path), path + "/");
                } else {
                    listing.add(path);
                }
            }
        }
        entered.pop();
    }

    private Path allowed(Path entry, String path) throws IOException {
        Path real = entry.toRealPath();
        URI shown = ImageUri.inFolder(folder, path);
        if (!real.startsWith(root)) {
            throw FileSource.leadsOut(shown);
        }
        if (entered.contains(real)) {
            throw Faults.of(ErrorKind.INVALID, Faults.shown(shown) + " is a link to a folder that it lies in");
        }
        return real;
    }
}

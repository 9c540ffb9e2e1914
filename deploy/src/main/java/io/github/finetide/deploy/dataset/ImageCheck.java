package io.github.finetide.deploy.dataset;

import io.github.finetide.fetch.ImageUri;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.decode.ImageDecoder;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import io.github.finetide.message.UriText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Looks at images as a trainer will: whatever it leaves in, a job can use. */
final class ImageCheck {
    private final Path folder;

    /** @param folder what relative paths are relative to */
    ImageCheck(Path folder) {
        this.folder = folder;
    }

    /**
     * An image that can be used, or the reason why not.
     *
     * @param line the path or URI as a list of images holds it
     * @param sha256 of its bytes; of its URI, where it is not on this machine
     * @param problem empty where there is none
     */
    record Checked(LabelledImages.Labelled image, String line, String sha256, String problem) {}

    Checked check(LabelledImages.Labelled labelled) {
        String image = labelled.image();
        if (UriText.isUri(image)) {
            return uri(labelled);
        }
        try {
            Path file = find(image);
            String line = file.toString();
            if (line.matches("(?s).*[\\r\\n].*|.*\\s")) {
                return problem(labelled, "its name ends with a space or holds the end of a line");
            }
            if (!Files.exists(file)) {
                return problem(labelled, "there is no file " + file);
            }
            byte[] bytes = Files.readAllBytes(file);
            Pixels unused = ImageDecoder.decode(bytes, ImageLimits.defaults());
            return new Checked(labelled, line, Sha256.hex(bytes), "");
        } catch (FaultException e) {
            return problem(labelled, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return problem(labelled, "cannot be read: " + e.getMessage());
        } catch (InvalidPathException e) {
            return problem(labelled, image + " is no path");
        }
    }

    /** Labelling tools also name their own copy: then a file of that name beside the source, or in images/, is meant. */
    private Path find(String image) {
        Path named = folder.resolve(image).normalize();
        if (Files.exists(named)) {
            return named;
        }
        Path last = Path.of(image).getFileName();
        for (Path place : List.of(folder, folder.resolve("images"))) {
            if (last != null && Files.exists(place.resolve(last))) {
                return place.resolve(last);
            }
        }
        return named;
    }

    private Checked uri(LabelledImages.Labelled labelled) {
        try {
            String uri = ImageUri.below(folder.toUri(), labelled.image()).toString();
            return new Checked(labelled, uri, Sha256.hex(uri.getBytes(StandardCharsets.UTF_8)), "");
        } catch (FaultException e) {
            return problem(labelled, String.valueOf(e.getMessage()));
        }
    }

    private static Checked problem(LabelledImages.Labelled labelled, String reason) {
        return new Checked(labelled, "", "", reason);
    }
}

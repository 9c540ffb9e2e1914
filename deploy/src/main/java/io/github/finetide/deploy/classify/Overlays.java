package io.github.finetide.deploy.classify;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.image.ActivationOverlay;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.decode.ImageDecoder;
import io.github.finetide.message.ClassActivationMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Pictures of where in an image the network saw its class: from blue, nothing, to red, most. */
final class Overlays {
    private final Path folder;
    private int written;

    Overlays(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /**
     * Writes the picture of an image.
     *
     * @return its file
     */
    Path write(Path image, ClassActivationMap map) throws IOException {
        written++;
        Pixels pixels = ImageDecoder.decode(Files.readAllBytes(image), ImageLimits.defaults());
        String name = String.format(Locale.ROOT, "%03d-%s.png", written, image.getFileName());
        Path file = folder.resolve(name);
        if (!ImageIO.write(ActivationOverlay.drawn(pixels, map), "png", file.toFile())) {
            throw new CommandFailure("this Java cannot write PNG");
        }
        return file;
    }
}

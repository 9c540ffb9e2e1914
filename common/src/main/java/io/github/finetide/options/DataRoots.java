package io.github.finetide.options;

import io.github.finetide.message.Shown;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The folders of {@code --data-root}: one that is not there is a slip, found out before the first job fails on it. */
public final class DataRoots {
    private DataRoots() {}

    /**
     * Checks that each is there.
     *
     * @throws ParameterException for one that is no folder
     */
    public static void require(CommandLine line, List<Path> roots) {
        for (Path root : roots) {
            if (!Files.isDirectory(root)) {
                String what = Files.exists(root) ? "is no folder" : "does not exist";
                throw new ParameterException(line, "--data-root " + Shown.plain(root.toString()) + " " + what);
            }
        }
    }
}

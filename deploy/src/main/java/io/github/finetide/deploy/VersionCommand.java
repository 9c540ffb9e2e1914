package io.github.finetide.deploy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which build this is, and of which libraries. */
@Command(name = "version", description = "Prints the version; with --json also its commit and all libraries.")
final class VersionCommand implements Callable<Integer>, IVersionProvider {
    @Option(names = "--json", description = "Print one JSON object: version, commit, java, dependencies.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Properties build = build();
        if (!json) {
            spec.commandLine().getOut().println("finetide " + build.getProperty("version"));
            return 0;
        }
        ObjectNode version = JsonNodeFactory.instance.objectNode();
        version.put("version", build.getProperty("version"));
        version.put("commit", build.getProperty("commit"));
        version.put("java", Runtime.version().toString());
        libraries().forEach(version.putArray("dependencies")::add);
        spec.commandLine().getOut().println(version);
        return 0;
    }

    /** For {@code --version}. */
    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"finetide " + build().getProperty("version")};
    }

    /** Written by the build: version, and the commit where the launcher or the image's build knew it. */
    private static Properties build() throws IOException {
        Properties build = new Properties();
        try (InputStream stream = VersionCommand.class.getResourceAsStream("/finetide-build.properties")) {
            if (stream == null) {
                throw new IOException("finetide-build.properties is missing from this build");
            }
            build.load(stream);
        }
        return build;
    }

    /** The names of the jars on the class path, each with its version in it. */
    private static List<String> libraries() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).getFileName().toString())
                .filter(name -> name.endsWith(".jar"))
                .map(name -> name.substring(0, name.length() - ".jar".length()))
                .sorted()
                .toList();
    }
}

package io.github.finetide.deploy;

import io.github.finetide.runtime.NativeSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of this project in processes of their own: with the tests' class path, and the log settings of the program. */
public final class JavaProcess {
    private JavaProcess() {}

    /**
     * Prepares a process whose errors are part of its output.
     *
     * @param main the class to start
     * @param heap its largest size, as {@code -Xmx} takes it
     */
    public static ProcessBuilder of(Class<?> main, String heap, List<String> arguments) {
        return of(main, heap, List.of(), arguments);
    }

    /** The same with more options of Java's. */
    static ProcessBuilder of(Class<?> main, String heap, List<String> java, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Dlogback.configurationFile=logback.xml", // not that of the tests
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(java);
        command.add(main.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(NativeSettings.ALLOCATOR);
        return builder;
    }
}

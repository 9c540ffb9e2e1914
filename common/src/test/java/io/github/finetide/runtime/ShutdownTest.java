package io.github.finetide.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.options.ExitCode;
import io.github.finetide.options.LogFormat;
import io.github.finetide.options.Logging;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** With real processes and real signals. */
class ShutdownTest {
    /** A worker that ends when it is asked to, or never, or by itself. */
    static final class Worker {
        private Worker() {}

        public static void main(String[] arguments) throws InterruptedException {
            Shutdown.listen();
            if (arguments[0].startsWith("starting")) {
                System.out.println("running");
                new CountDownLatch(1).await(arguments[0].equals("starting") ? 60 : 0, TimeUnit.SECONDS);
                Shutdown.exit(ExitCode.USAGE);
            }
            CountDownLatch asked = new CountDownLatch(1);
            Duration grace = Duration.ofMillis(Long.parseLong(arguments[1]));
            int code;
            try (Shutdown shutdown = Shutdown.install(grace, asked::countDown)) {
                System.out.println("running");
                int worked = work(arguments[0], asked);
                System.out.println("closed");
                code = shutdown.finished(worked);
            }
            Shutdown.exit(code);
        }

        private static int work(String kind, CountDownLatch asked) throws InterruptedException {
            if (!kind.equals("ending")) {
                asked.await();
            }
            if (kind.equals("hanging")) {
                new CountDownLatch(1).await();
            }
            if (kind.equals("logging")) {
                Logging.use(LogFormat.JSON);
                LoggerFactory.getLogger("io.github.finetide.test").info("hello {}", "world");
                Logging.use(LogFormat.TEXT);
                LoggerFactory.getLogger("io.github.finetide.test").info("hello {}", "text");
                LoggerFactory.getLogger("ai.djl").debug("noise");
            }
            return kind.equals("failing") ? 3 : ExitCode.OK;
        }
    }

    private record Ended(int code, List<String> output) {}

    private static Ended run(boolean signal, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("running");
            if (signal) {
                process.toHandle().destroy(); // unlike the process itself, this leaves its output open
            }
            List<String> rest = output.lines().collect(Collectors.toList());
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), rest);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void workerThatStopsOnSigtermExitsWithItsOwnCode() throws Exception {
        Ended ended = run(true, "logging", "60000");
        assertThat(ended.code()).isZero();
        assertThat(ended.output())
                .contains("closed")
                .anyMatch(line -> line.contains("Stopping") && line.contains("PT1M"));
        assertThat(ended.output())
                .anyMatch(line -> line.startsWith("{") && line.contains("\"formattedMessage\":\"hello world\""))
                .anyMatch(line -> line.matches(".*Z INFO  .*hello text"))
                .noneMatch(line -> line.contains("noise") || line.contains("|-INFO"));
    }

    @Test
    void processToldToStopWhileItStartsEndsWell() throws Exception {
        assertThat(run(true, "starting", "60000").code()).isZero();
    }

    @Test
    void processThatCannotStartExitsWithItsOwnCode() throws Exception {
        assertThat(run(false, "starting badly", "60000").code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void failureWhileStoppingIsItsExitCode() throws Exception {
        assertThat(run(true, "failing", "60000").code()).isEqualTo(3);
    }

    @Test
    void workerThatHangsIsEndedAfterTheGracePeriod() throws Exception {
        Ended ended = run(true, "hanging", "100");
        assertThat(ended.code()).isEqualTo(ExitCode.FAILURE);
        assertThat(ended.output()).anyMatch(line -> line.contains("Not stopped in time"));
    }

    @Test
    void workerThatEndsByItselfIsNotWaitedFor() throws Exception {
        Ended ended = run(false, "ending", "60000");
        assertThat(ended.code()).isZero();
        assertThat(ended.output()).containsExactly("closed");
    }
}

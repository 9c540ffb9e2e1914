package io.github.finetide.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.network.DeviceChoice;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class CommandLinesTest {
    @Command(name = "worker", mixinStandardHelpOptions = true)
    static final class Worker implements Callable<Integer> {
        @Mixin
        WorkerOptions options = new WorkerOptions(9400);

        @Mixin
        Verbosity verbosity = new Verbosity();

        @Nullable RuntimeException failure;

        boolean ran;

        @Override
        public Integer call() {
            ran = true;
            if (failure != null) {
                throw failure;
            }
            return ExitCode.OK;
        }
    }

    private final Worker worker = new Worker();
    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    private CommandLine line(Map<String, String> environment) {
        return CommandLines.prepare(new CommandLine(worker), environment)
                .setErr(new PrintWriter(err))
                .setOut(new PrintWriter(out));
    }

    private int run(Map<String, String> environment, String... arguments) {
        return line(environment).execute(arguments);
    }

    @Test
    void defaultsAreThoseOfTheContract() {
        assertThat(run(Map.of())).isEqualTo(ExitCode.OK);
        WorkerOptions options = worker.options;
        assertThat(options.kafka().bootstrapServers()).isEqualTo("localhost:9092");
        assertThat(options.kafka().overrides()).isEmpty();
        assertThat(options.kafka().topicPrefix()).isEmpty();
        assertThat(options.store())
                .isEqualTo(Path.of("finetide-store").toAbsolutePath().toUri());
        assertThat(options.dataRoots()).isEmpty();
        assertThat(options.allowHosts()).isEmpty();
        assertThat(options.allowBuckets()).isEmpty();
        assertThat(options.limits().image()).isEqualTo(ImageLimits.defaults());
        assertThat(options.limits().maxManifestBytes()).isEqualTo(256L << 20);
        assertThat(options.weightsCache()).isEqualTo(Path.of(System.getProperty("user.home"), ".cache/finetide"));
        assertThat(options.device()).isEqualTo(DeviceChoice.AUTO);
        assertThat(options.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(options.httpPort()).isEqualTo(9400);
        assertThat(options.workerId()).endsWith("-" + ProcessHandle.current().pid());
        assertThat(options.grace()).isEqualTo(Duration.ofSeconds(30));
        assertThat(worker.verbosity.verbose()).isFalse();
        assertThat(worker.verbosity.log()).isEqualTo(LogFormat.TEXT);
    }

    @Test
    void everyOptionIsTakenFromTheCommandLine() {
        assertThat(run(
                        Map.of(),
                        "--bootstrap-servers=a:1",
                        "--kafka-config=ssl.cipher.suites=A,B=C",
                        "--kafka-config",
                        "linger.ms=5",
                        "--topic-prefix=p.",
                        "--store=s3://bucket/x",
                        "--data-root=/a,b",
                        "--data-root=/c",
                        "--allow-host=h1",
                        "--allow-host=h2",
                        "--allow-bucket=b1",
                        "--allow-bucket=b2/folder",
                        "--max-image-bytes=1k",
                        "--max-image-pixels=7",
                        "--max-image-side=8",
                        "--max-decode-time=1s",
                        "--max-manifest-bytes=12",
                        "--weights-cache=/w",
                        "--device=GPU",
                        "--threads=3",
                        "--http-port=0",
                        "--worker-id=w-1",
                        "--grace=90s"))
                .as(err.toString())
                .isZero();
        WorkerOptions options = worker.options;
        assertThat(options.kafka().overrides()).isEqualTo(Map.of("ssl.cipher.suites", "A,B=C", "linger.ms", "5"));
        assertThat(options.store()).hasToString("s3://bucket/x");
        assertThat(options.dataRoots()).containsExactly(Path.of("/a,b"), Path.of("/c"));
        assertThat(options.allowHosts()).containsExactly("h1", "h2");
        assertThat(options.allowBuckets()).containsExactly("b1", "b2/folder");
        assertThat(options.limits().image()).isEqualTo(new ImageLimits(1024, 7, 8, Duration.ofSeconds(1)));
        assertThat(options.limits().maxManifestBytes()).isEqualTo(12);
        assertThat(options.device()).isEqualTo(DeviceChoice.GPU);
        assertThat(options.threads()).isEqualTo(3);
        assertThat(options.httpPort()).isZero();
        assertThat(options.workerId()).isEqualTo("w-1");
        assertThat(options.grace()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void everyOptionIsTakenFromTheEnvironment() {
        Map<String, String> environment = Map.ofEntries(
                Map.entry("FINETIDE_BOOTSTRAP_SERVERS", "a:1,b:2"),
                Map.entry(
                        "FINETIDE_KAFKA_CONFIG",
                        "security.protocol=SASL_SSL, ssl.cipher.suites=A,B,"
                                + "sasl.jaas.config=Plain required username=\"u\" password=\"a,b=c\";"),
                Map.entry("FINETIDE_TOPIC_PREFIX", "p."),
                Map.entry("FINETIDE_STORE", "/store"),
                Map.entry("FINETIDE_DATA_ROOT", "/a, /b"),
                Map.entry("FINETIDE_ALLOW_HOST", "h1,h2"),
                Map.entry("FINETIDE_ALLOW_BUCKET", "b1,b2/x"),
                Map.entry("FINETIDE_WEIGHTS_CACHE", "/w"),
                Map.entry("FINETIDE_DEVICE", "cpu"),
                Map.entry("FINETIDE_THREADS", "2"),
                Map.entry("FINETIDE_HTTP_PORT", "1234"),
                Map.entry("FINETIDE_WORKER_ID", "w"),
                Map.entry("FINETIDE_GRACE", "PT1M"),
                Map.entry("FINETIDE_VERBOSE", "true"),
                Map.entry("FINETIDE_LOG", "text"),
                Map.entry("OTHER", "x"));
        assertThat(run(environment)).as(err.toString()).isZero();
        WorkerOptions options = worker.options;
        assertThat(options.kafka().bootstrapServers()).isEqualTo("a:1,b:2");
        assertThat(options.kafka().overrides())
                .isEqualTo(Map.of(
                        "security.protocol",
                        "SASL_SSL",
                        "ssl.cipher.suites",
                        "A,B",
                        "sasl.jaas.config",
                        "Plain required username=\"u\" password=\"a,b=c\";"));
        assertThat(options.store()).hasToString("file:///store");
        assertThat(options.dataRoots()).containsExactly(Path.of("/a"), Path.of("/b"));
        assertThat(options.allowHosts()).containsExactly("h1", "h2");
        assertThat(options.device()).isEqualTo(DeviceChoice.CPU);
        assertThat(options.threads()).isEqualTo(2);
        assertThat(options.httpPort()).isEqualTo(1234);
        assertThat(options.grace()).isEqualTo(Duration.ofMinutes(1));
        assertThat(worker.verbosity.verbose()).isTrue();
    }

    @Test
    void commandLineComesBeforeTheEnvironmentAndReplacesItsLists() {
        Map<String, String> environment =
                Map.of("FINETIDE_HTTP_PORT", "1", "FINETIDE_DATA_ROOT", "/a,/b", "FINETIDE_TOPIC_PREFIX", "");
        run(environment, "--http-port=2", "--data-root=/c");
        assertThat(worker.options.httpPort()).isEqualTo(2);
        assertThat(worker.options.dataRoots()).containsExactly(Path.of("/c"));
    }

    @Test
    void unknownVariableIsWrongUsage() {
        assertThat(run(Map.of("FINETIDE_HTTP_PROT", "1", "FINETIDE_STORE", "/x")))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).startsWith("worker: Unknown environment variable: FINETIDE_HTTP_PROT\n");
        assertThat(worker.ran).isFalse();
    }

    @Test
    void unknownVariableDoesNotKeepHelpAway() {
        assertThat(run(Map.of("FINETIDE_HTTP_PROT", "1"), "--help")).isZero();
        assertThat(out.toString()).contains("--kafka-config=KEY=VALUE").doesNotContain(CommandLines.SEPARATOR);
    }

    @Test
    void variablesOfOtherCommandsOfTheSameToolAreKnown() {
        CommandLine tool = new CommandLine(new Worker()).addSubcommand("other", new Other());
        CommandLines.prepare(tool, Map.of("FINETIDE_RATE", "7")).setErr(new PrintWriter(err));
        assertThat(tool.execute()).as(err.toString()).isZero();
    }

    @Command(name = "other")
    static final class Other implements Runnable {
        @Option(names = "--rate")
        int rate;

        @Override
        public void run() {}
    }

    @Test
    void wrongValuesAreWrongUsageAndNameTheirSource() {
        for (String wrong : List.of(
                "--http-port=70000",
                "--http-port=x",
                "--threads=0",
                "--grace=soon",
                "--grace=PT-5S",
                "--device=tpu",
                "--store=http://x/y",
                "--worker-id=a/b",
                "--topic-prefix=a b",
                "--kafka-config=acks",
                "--unknown")) {
            err.getBuffer().setLength(0);
            assertThat(run(Map.of(), wrong)).as(wrong).isEqualTo(ExitCode.USAGE);
            assertThat(err.toString().lines()).as(wrong).hasSize(2);
            assertThat(err.toString()).contains(wrong.replaceAll("=.*", "")).doesNotContain("\tat ");
        }
        err.getBuffer().setLength(0);
        assertThat(run(Map.of("FINETIDE_HTTP_PORT", "x"))).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("FINETIDE_HTTP_PORT");
        assertThat(worker.ran).isFalse();
    }

    @Test
    void failureIsOneLineAndItsTraceIsForTheAsking() {
        worker.failure = new FaultException(ErrorKind.UNAVAILABLE, "the store s3://x\nis away");
        assertThat(run(Map.of())).isEqualTo(ExitCode.FAILURE);
        assertThat(err).hasToString("worker: the store s3://x is away\n");
        assertThat(run(Map.of(), "--verbose")).isEqualTo(ExitCode.FAILURE);
        assertThat(err.toString()).contains("\tat io.github.finetide");
    }

    @Test
    void unforeseenFailureIsNamedByItsClass() {
        assertThat(CommandLines.describe(new IllegalStateException("odd"))).isEqualTo("IllegalStateException: odd");
        assertThat(CommandLines.describe(new StackOverflowError())).isEqualTo("StackOverflowError");
    }

    @Test
    void configurationIsShownWithoutSecrets() {
        CommandLine line = line(Map.of("FINETIDE_TOPIC_PREFIX", "p."));
        line.execute(
                "--kafka-config=sasl.jaas.config=x password=\"hunter2\";",
                "--kafka-config=ssl.key.password=hunter3",
                "--kafka-config=ssl.keystore.key=hunter4",
                "--kafka-config=schema.url=http://u:hunter5@host/",
                "--kafka-config=acks=all");
        String shown = Configuration.describe(line.getCommandSpec());
        assertThat(shown)
                .contains("topic-prefix=p.", "http-port=9400", "device=auto", "acks=all", "sasl.jaas.config=********")
                .doesNotContain("hunter")
                .doesNotContain("help")
                .doesNotContain("\n");
    }

    @Test
    void repeatableOptionWithoutSeparatorIsAnErrorOfTheProgram() {
        assertThatThrownBy(() -> CommandLines.prepare(new CommandLine(new Careless()), Map.of()))
                .hasMessageContaining("--path");
    }

    @Command
    static final class Careless {
        @Option(names = "--path")
        List<String> paths = List.of();
    }
}

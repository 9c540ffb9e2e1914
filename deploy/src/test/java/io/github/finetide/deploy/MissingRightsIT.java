package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.local.SecuredKafka;
import io.github.finetide.deploy.rights.Right;
import io.github.finetide.deploy.rights.Role;
import io.github.finetide.inference.Workers;
import io.github.finetide.kafka.DeadLetters;
import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.TopicSpec;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.runtime.Health;
import io.github.finetide.tracing.Tracing;
import io.github.finetide.trainer.jobs.StopSignal;
import io.github.finetide.trainer.jobs.TrainerWorker;
import io.github.finetide.trainer.jobs.TrainingMetrics;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.training.Training;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** With all of its printed rights but one, each worker says in its readiness, and each command in one line, which one it lacks. */
@Tag("foreign") // half a minute: a worker for each right
class MissingRightsIT {
    private static final Topics TOPICS = new Topics("green.");
    private static final String WRONG_LOGIN = "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule"
            + " required username=\"train-0\" password=\"no\";";
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration LAST_LOOK = Duration.ofSeconds(1);

    @TempDir
    static Path folder;

    private static SecuredKafka kafka;
    private static List<Lacking> trainers;
    private static List<Lacking> inference;
    private static List<Lacking> commands;

    /** A worker that lacks one operation on one resource. */
    private record Lacking(Role role, String user, Right right, AclOperation operation) {
        static List<Lacking> each(Role role) {
            List<Lacking> all = new ArrayList<>();
            for (Right right : role.rights(TOPICS)) {
                right.operations().stream()
                        .sorted()
                        .forEach(operation ->
                                all.add(new Lacking(role, role.wireName() + "-" + all.size(), right, operation)));
            }
            return all;
        }

        Stream<AclBinding> bindings() {
            return role.rights(TOPICS).stream()
                    .flatMap(other -> other.bindings("User:" + user).stream())
                    .filter(binding -> !binding.pattern().equals(right.resource())
                            || binding.entry().operation() != operation);
        }

        String what() {
            return operation + " on " + right.resource().resourceType() + " "
                    + right.resource().name();
        }
    }

    @BeforeAll
    static void allowAllButOne() throws Exception {
        trainers = Lacking.each(Role.TRAINER).stream()
                .filter(one ->
                        !one.right().resource().name().equals(TOPICS.featureGroup())) // a trainer works alone, too
                .toList();
        inference = Lacking.each(Role.INFERENCE).stream()
                .filter(one -> !one.right()
                        .resource()
                        .name()
                        .equals(TOPICS.classificationDisagreements())) // requests are answered all the same
                .toList();
        commands = Stream.of(Role.TRAIN, Role.CLASSIFY, Role.WATCH, Role.REPLAY)
                .flatMap(role -> Lacking.each(role).stream())
                .toList();
        List<Lacking> all =
                Stream.of(trainers, inference, commands).flatMap(List::stream).toList();
        kafka = SecuredKafka.start(
                folder.resolve("kafka"), all.stream().map(Lacking::user).toList());
        try (Admin admin = settings(kafka.adminConfig()).admin("administrator")) {
            TopicAdmin.ensure(admin, TOPICS, (short) 1);
            GroupAdmin.configureTrainerGroup(admin, TOPICS, GroupAdmin.RECORD_LOCK);
            admin.createAcls(all.stream().flatMap(Lacking::bindings).toList())
                    .all()
                    .get();
            letters();
        }
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void aTrainerSaysWhichRightItLacks() throws Exception {
        List<StopSignal> signals = new ArrayList<>();
        List<Health> healths = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Lacking one : trainers) {
            StopSignal signal = new StopSignal();
            Health health = new Health();
            Metrics metrics = new Metrics();
            TrainerWorker worker = new TrainerWorker(
                    settings(kafka.clientConfig(one.user())),
                    one.user(),
                    new NoTraining(),
                    () -> {},
                    metrics,
                    new TrainingMetrics(metrics),
                    health,
                    signal,
                    Tracing.OFF);
            Thread thread = new Thread(worker::run, one.user());
            thread.start();
            signals.add(signal);
            healths.add(health);
            threads.add(thread);
        }
        try {
            assertEachSaysWhatItLacks(trainers, healths);
        } finally {
            signals.forEach(StopSignal::request);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    @Test
    void anInferenceWorkerSaysWhichRightItLacks() throws Exception {
        List<Workers> workers = new ArrayList<>();
        List<Health> healths = new ArrayList<>();
        try {
            for (Lacking one : inference) {
                Workers each = new Workers(settings(kafka.clientConfig(one.user())), folder);
                workers.add(each);
                healths.add(each.begin(one.user()).health());
            }
            assertEachSaysWhatItLacks(inference, healths);
        } finally {
            for (Workers each : workers) {
                each.stopAll();
            }
        }
    }

    /** A letter in each topic of letters, so that there is something to send again. */
    private static void letters() throws Exception {
        try (Producer<byte[], byte[]> producer = settings(kafka.adminConfig()).producer("letters")) {
            for (TopicSpec spec : TOPICS.specs()) {
                if (spec.name().endsWith(".dlq")) {
                    String input = spec.name().replaceFirst("[.]dlq$", "");
                    ConsumerRecord<byte[], byte[]> cause =
                            new ConsumerRecord<>(input, 0, 0, "k".getBytes(UTF_8), "v".getBytes(UTF_8));
                    producer.send(DeadLetters.of(cause, FaultException.invalid("a", "b", "c"), 1))
                            .get();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    @Timeout(30)
    void aCommandSaysInOneLineWhichRightItLacks(Lacking one) throws Exception {
        StringWriter err = new StringWriter();
        int status = FinetideMain.commandLine()
                .setErr(new PrintWriter(err))
                .execute(arguments(one).toArray(String[]::new));

        assertThat(status).as(one.what()).isEqualTo(1);
        assertThat(err.toString().strip())
                .as(one.what())
                .doesNotContain("\n")
                .contains(one.right().resource().name(), "grant");
    }

    @ParameterizedTest
    @EnumSource(
            value = Role.class,
            names = {"TRAIN", "CLASSIFY", "WATCH", "REPLAY", "TOPICS"})
    @Timeout(30)
    void aCommandSaysInOneLineThatItsPasswordIsWrong(Role role) throws Exception {
        Lacking any = commands.get(0);
        Lacking one = new Lacking(role, any.user(), any.right(), any.operation());
        StringWriter err = new StringWriter();
        int status = FinetideMain.commandLine()
                .setErr(new PrintWriter(err))
                .execute(Stream.concat(arguments(one).stream(), Stream.of("--kafka-config", WRONG_LOGIN))
                        .toArray(String[]::new));

        assertThat(status).isEqualTo(1);
        assertThat(err.toString().strip())
                .doesNotContain("\n")
                .contains("the broker refused the credentials", "check sasl.mechanism and sasl.jaas.config");
    }

    static List<Lacking> commands() {
        return commands;
    }

    private static List<String> arguments(Lacking one) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(one.role().wireName()));
        arguments.addAll(
                switch (one.role()) {
                    case TRAIN -> List.of(job());
                    case CLASSIFY -> List.of("--model", "m", "file:///images/0.png");
                    case REPLAY -> List.of(letters(one.right().resource().name()));
                    default -> List.of();
                });
        arguments.addAll(List.of("--bootstrap-servers", kafka.bootstrapServers(), "--topic-prefix", "green."));
        arguments.addAll(
                List.of("--kafka-config-file", kafka.clientConfig(one.user()).toString()));
        return arguments;
    }

    /** The topic of letters that a right is about. */
    private static String letters(String resource) {
        boolean isTopic = TOPICS.specs().stream().anyMatch(spec -> spec.name().equals(resource));
        String topic = isTopic ? resource : TOPICS.classificationRequests();
        return topic.endsWith(".dlq") ? topic : topic + ".dlq";
    }

    private static String job() throws IOException {
        return Files.writeString(folder.resolve("job.json"), """
                        {"jobId": "j", "model": "m", "dataset": {"train": "file:///t", "validation": "file:///v"}}""").toString();
    }

    private static void assertEachSaysWhatItLacks(List<Lacking> workers, List<Health> healths) {
        List<String> silent = new ArrayList<>();
        long end = System.nanoTime() + LIMIT.toNanos();
        for (int i = 0; i < workers.size(); i++) {
            Lacking one = workers.get(i);
            Health health = healths.get(i);
            long left = Math.max(LAST_LOOK.toNanos(), end - System.nanoTime());
            try {
                await().atMost(Duration.ofNanos(left)).until(() -> saysIt(one, health));
                System.out.println(one.what() + ": " + health.notReady());
            } catch (org.awaitility.core.ConditionTimeoutException none) {
                silent.add(one.what() + ": " + health.notReady());
            }
        }
        assertThat(silent).isEmpty();
    }

    private static boolean saysIt(Lacking one, Health health) {
        return health.notReady().values().stream()
                .anyMatch(line -> line.contains(one.right().resource().name())
                        && line.contains(one.operation().name())
                        && line.contains("grant")
                        && !line.contains("\n"));
    }

    private static KafkaSettings settings(Path file) throws IOException {
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            read.load(reader);
        }
        Map<String, String> properties =
                read.stringPropertyNames().stream().collect(Collectors.toMap(key -> key, read::getProperty));
        return new KafkaSettings(kafka.bootstrapServers(), "green.", properties);
    }

    /** No job comes. */
    private static final class NoTraining implements Training {
        @Override
        public JobOutcome run(TrainingJob job, Progress progress) {
            return new JobOutcome.HandedOver();
        }

        @Override
        public void tidy(TrainingJob job, Runnable proof) {}
    }
}

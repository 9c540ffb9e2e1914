package io.github.finetide.deploy;

import io.github.finetide.kafka.Closing;
import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.TopicSpec;
import io.github.finetide.kafka.Topics;
import io.github.finetide.options.KafkaOptions;
import io.github.finetide.options.Verbosity;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Creates what is missing on a cluster, and says what is not as it should be. */
@Command(
        name = "topics",
        description = "Creates the topics that are missing and checks the others. Changes no topic that exists.")
final class TopicsCommand implements Callable<Integer> {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

    @Option(
            names = "--replication",
            paramLabel = "COPIES",
            description = "Copies of each partition of new topics (default: what the brokers say).")
    private short replication = TopicAdmin.BROKER_DEFAULT;

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() {
        KafkaSettings settings = kafka.settings();
        settings.requireReachable(ANSWER_LIMIT);
        Topics topics = settings.topics();
        try (Closing<Admin> closing = Closing.of(settings.admin("finetide"))) {
            Admin admin = closing.client();
            TopicAdmin.Report report = TopicAdmin.ensure(admin, topics, replication);
            GroupAdmin.configureTrainerGroup(admin, topics, GroupAdmin.RECORD_LOCK);
            topics.specs().forEach(spec -> show(spec, report));
            return conclude(report);
        }
    }

    private void show(TopicSpec spec, TopicAdmin.Report report) {
        String state = report.created().contains(spec.name()) ? "created" : "exists";
        screen.line(
                "%-8s %s, %d %s",
                state, spec.name(), spec.partitions(), spec.partitions() == 1 ? "partition" : "partitions");
    }

    private int conclude(TopicAdmin.Report report) {
        if (!report.asExpected()) {
            report.differences().forEach(difference -> screen.line("differs  %s", difference));
            throw new CommandFailure(
                    "%d settings differ; change them with Kafka's own tools, or use another --topic-prefix"
                            .formatted(report.differences().size()));
        }
        return 0;
    }
}

package io.github.finetide.deploy;

import io.github.finetide.deploy.rights.Listing;
import io.github.finetide.deploy.rights.Printout;
import io.github.finetide.deploy.rights.Role;
import io.github.finetide.kafka.Closing;
import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.TopicSpec;
import io.github.finetide.kafka.Topics;
import io.github.finetide.options.CommandLines;
import io.github.finetide.options.KafkaOptions;
import io.github.finetide.options.Verbosity;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Creates what is missing on a cluster, and says what is not as it should be. */
@Command(
        name = "topics",
        description = "Creates the topics that are missing and checks the others. Changes no topic that exists.")
final class TopicsCommand implements Callable<Integer> {
    @Option(
            names = "--replication",
            paramLabel = "COPIES",
            description = "Copies of each partition of new topics (default: what the brokers say).")
    private short replication = TopicAdmin.BROKER_DEFAULT;

    @Option(
            names = "--print",
            paramLabel = "acls|strimzi|script",
            description = "Asks no broker: prints what an administrator needs. acls: the rights of each role, for"
                    + " Kafka's tools; script: the topics, for Kafka's tools; strimzi: both, as its resources.")
    private @Nullable Printout print;

    @Option(
            names = "--principal",
            paramLabel = "ROLE=NAME",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "The name of a role on the cluster, for --print; repeatable. Roles: ${COMPLETION-CANDIDATES}"
                    + " (default: finetide-ROLE).")
    private Map<Role, String> principals = new EnumMap<>(Role.class);

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() {
        KafkaSettings settings = kafka.settings();
        Topics topics = settings.topics();
        Printout form = print;
        if (form != null) {
            form.lines(new Listing(topics, Math.max(0, replication), principals))
                    .forEach(line -> screen.line("%s", line));
            return 0;
        }
        try (Closing<Admin> closing = Closing.of(kafka.reachable().admin("finetide"))) {
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

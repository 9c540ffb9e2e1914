package io.github.finetide.trainer;

import ai.djl.Device;
import io.github.finetide.features.FeatureStore;
import io.github.finetide.fetch.ImageSources;
import io.github.finetide.fetch.SourceRules;
import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.kafka.Codecs;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.network.Devices;
import io.github.finetide.network.Kernels;
import io.github.finetide.network.weights.StartingWeights;
import io.github.finetide.options.CommandLines;
import io.github.finetide.options.Configuration;
import io.github.finetide.options.DataRoots;
import io.github.finetide.options.ExitCode;
import io.github.finetide.options.OptionTypes;
import io.github.finetide.options.Verbosity;
import io.github.finetide.options.WorkerOptions;
import io.github.finetide.runtime.Health;
import io.github.finetide.runtime.HttpEndpoint;
import io.github.finetide.runtime.NativeSettings;
import io.github.finetide.runtime.Shutdown;
import io.github.finetide.runtime.StorageWatch;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.tracing.Tracing;
import io.github.finetide.trainer.data.FeatureHelpers;
import io.github.finetide.trainer.jobs.StopSignal;
import io.github.finetide.trainer.jobs.TrainerWorker;
import io.github.finetide.trainer.jobs.TrainingMetrics;
import io.github.finetide.trainer.jobs.features.FeatureHelper;
import io.github.finetide.trainer.jobs.features.HelperTopics;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.training.FeaturePartWork;
import io.github.finetide.trainer.training.FineTuning;
import io.github.finetide.trainer.training.TrainerResources;
import io.github.finetide.trainer.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code finetide trainer}: one trainer worker in the foreground. */
@Command(
        name = "trainer",
        mixinStandardHelpOptions = true,
        description = "Takes training jobs off the queue, one at a time, and fine-tunes.")
public final class TrainerMain implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(TrainerMain.class);

    @Mixin
    private WorkerOptions worker = new WorkerOptions(WorkerOptions.TRAINER_HTTP_PORT);

    @Option(
            names = "--feature-store-limit",
            paramLabel = "SIZE",
            converter = OptionTypes.Size.class,
            description = "Features of images that the store keeps for other jobs; those used longest ago go first."
                    + " 0 keeps none (default: 32g).")
    private long featureStoreLimit = FeatureStore.DEFAULT_MAX_BYTES;

    @Mixin
    @SuppressWarnings("UnusedVariable") // CommandLines reads it by its options
    private Verbosity verbosity = new Verbosity();

    @Spec
    private CommandSpec spec;

    /** Runs the worker until it is asked to stop. */
    public static void main(String[] arguments) {
        Shutdown.listen();
        Shutdown.exit(CommandLines.run(new TrainerMain(), arguments));
    }

    @Override
    public Integer call() throws IOException {
        log.atInfo().addKeyValue("configuration", Configuration.describe(spec)).log("Trainer worker starts");
        NativeSettings.prepare(worker.threads());
        Kernels.rememberIn(worker.weightsCache());
        StopSignal stopping = new StopSignal(worker.grace());
        try (Shutdown shutdown = Shutdown.install(worker.grace(), stopping::request)) {
            try (TemporaryFolder temporary = NativeSettings.useFolder(worker.tempDir())) {
                Codecs.load();
                StartingWeights.removeLeftovers(worker.weightsCache());
                work(stopping, temporary.path());
            }
            return shutdown.finished(ExitCode.OK);
        }
    }

    private void work(StopSignal stopping, Path temporary) throws IOException {
        SourceRules rules = rules();
        Health health = new Health();
        KafkaSettings kafka = worker.kafka();
        kafka.reachabilityProblem()
                .ifPresent(why -> log.atWarn().addKeyValue("reason", why).log("Kafka is not there yet"));
        try (Metrics metrics = new Metrics();
                Tracing tracing = worker.tracing("finetide-trainer");
                HttpEndpoint endpoint = HttpEndpoint.start(worker.httpPort(), metrics.registry(), health);
                ImageSources images = new ImageSources(rules);
                WeightSources weights = new WeightSources(rules);
                Checkpoints checkpoints = Checkpoints.open(worker.store(), worker.workerId(), worker.weightsCache());
                StorageWatch storage =
                        StorageWatch.start(checkpoints.store()::probe, List.of(worker.weightsCache(), temporary))) {
            health.ready("trainer", () -> "the worker is still starting"); // until it says so itself
            health.ready("storage", storage::problem);
            log.atInfo().addKeyValue("port", endpoint.port()).log("Metrics and health");
            Device device = worker.device().device();
            metrics.device(Devices.name(device), () -> Devices.memory(device));
            TrainerResources resources = resources(checkpoints, weights, images, device, temporary);
            work(resources, kafka, metrics, health, stopping, tracing);
        }
    }

    private void work(
            TrainerResources resources,
            KafkaSettings kafka,
            Metrics metrics,
            Health health,
            StopSignal stopping,
            Tracing tracing) {
        try (HelperTopics topics = new HelperTopics(kafka, worker.workerId());
                FeatureHelper helper =
                        new FeatureHelper(kafka, worker.workerId(), new FeaturePartWork(resources), topics)) {
            Training training = helper.before(training(resources.with(topics)));
            new TrainerWorker(
                            kafka,
                            worker.workerId(),
                            training,
                            helper::start,
                            metrics,
                            new TrainingMetrics(metrics),
                            health,
                            stopping,
                            tracing)
                    .run();
        }
    }

    private SourceRules rules() {
        DataRoots.require(spec.commandLine(), worker.dataRoots());
        return SourceRules.of(worker.dataRoots(), worker.allowHosts(), worker.allowBuckets(), limits())
                .withMaxManifestBytes(worker.limits().maxManifestBytes());
    }

    private ImageLimits limits() {
        try {
            return worker.limits().image();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage(), wrong);
        }
    }

    private static Training training(TrainerResources resources) {
        return new Training() {
            @Override
            public JobOutcome run(TrainingJob job, Progress progress) {
                return new FineTuning(job, resources).run(progress);
            }

            @Override
            public void tidy(TrainingJob job, Runnable proof) {
                resources.checkpoints().deleteTemporaries(job.jobId(), proof);
            }
        };
    }

    private TrainerResources resources(
            Checkpoints checkpoints, WeightSources weights, ImageSources images, Device device, Path temporary) {
        return new TrainerResources(
                checkpoints,
                new FeatureStore(checkpoints.store(), worker.workerId(), featureStoreLimit),
                () -> FeatureHelpers.NONE,
                worker.weightsCache(),
                weights,
                images,
                device,
                Runtime.getRuntime().availableProcessors(),
                temporary,
                BoundedDecoder.of(limits(), Runtime.getRuntime().maxMemory()));
    }
}

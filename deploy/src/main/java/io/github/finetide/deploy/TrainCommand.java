package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.Command;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.ReleasePolicy;
import io.github.finetide.message.TrainingCommand;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.options.KafkaOptions;
import io.github.finetide.options.Verbosity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Submits a job and follows it, or cancels one. */
@CommandLine.Command(
        name = "train",
        description = "Submits a training job and follows it. Ctrl-C detaches; the job goes on.")
final class TrainCommand implements Callable<Integer> {
    /** A trainer obeys between two batches. */
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(30);

    private static final String LOCAL = "localhost:9092";

    /** One or the other. */
    private static final class What {
        @Parameters(paramLabel = "JOB.json", description = "The job, as it goes to the topic training.jobs.")
        private @Nullable Path job;

        @Option(names = "--cancel", paramLabel = "ID", description = "Cancel the job with this jobId instead.")
        private @Nullable String cancel;
    }

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException {
        return what.cancel != null ? cancel(what.cancel) : train(what.job == null ? Path.of("") : what.job);
    }

    private int train(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailure("there is no file " + file);
        }
        byte[] json = Files.readAllBytes(file);
        TrainingJob job = read(file, json);
        KafkaSettings settings = kafka.reachable();
        try (JobFollower follower = new JobFollower(settings, screen, job.jobId())) {
            Messages.send(settings, settings.topics().trainingJobs(), job.jobId(), json);
            screen.line(
                    "Submitted %s: %s for %d epochs, model %s",
                    job.jobId(), job.network().wire(), job.epochs(), job.model());
            Thread detached = new Thread(() -> detached(job.jobId()));
            Runtime.getRuntime().addShutdownHook(detached);
            JobStatus end = follower.follow();
            Runtime.getRuntime().removeShutdownHook(detached);
            int status = report(end);
            if (!job.dryRun()) {
                whatNext(follower, job, settings);
            }
            return status;
        }
    }

    /** The released version, where the report is, and how to ask the model. */
    private void whatNext(JobFollower follower, TrainingJob job, KafkaSettings settings) {
        Optional<ModelRelease> release = job.release() == ReleasePolicy.NONE ? Optional.empty() : follower.release();
        Optional<URI> checkpoint = release.map(ModelRelease::uri)
                .or(() -> follower.view().checkpoint().map(CheckpointSaved::uri));
        release.ifPresent(
                released -> screen.line("%-9s %s as model %s", "Released", released.version(), released.model()));
        checkpoint.ifPresent(uri -> screen.line("%-9s %s", "Report", report(uri)));
        if (release.isPresent()) {
            String cluster = settings.bootstrapServers().equals(LOCAL)
                    ? ""
                    : " --bootstrap-servers " + settings.bootstrapServers();
            screen.line("%-9s finetide classify%s --model %s IMAGE", "Try it", cluster, job.model());
        }
    }

    /** Beside the job's checkpoints; a path, where it is on this machine. */
    private static String report(URI checkpoint) {
        String folder = checkpoint.toString().replaceFirst("/+$", "");
        URI report = URI.create(folder.substring(0, folder.lastIndexOf('/') + 1) + "report.html");
        return "file".equals(report.getScheme()) ? Path.of(report).toString() : report.toString();
    }

    private static TrainingJob read(Path file, byte[] json) {
        try {
            return Json.read(json, TrainingJob.class);
        } catch (FaultException e) {
            throw new CommandFailure(file + ": " + e.getMessage());
        }
    }

    private void detached(String jobId) {
        screen.line(
                "Detached; %s goes on. See it with \"finetide watch\", end it with \"finetide train --cancel %s\".",
                jobId, jobId);
    }

    private int report(JobStatus end) {
        if (end.state() == JobState.SUCCEEDED) {
            String best = end.best() == null
                    ? ""
                    : ": best accuracy %s in epoch %d"
                            .formatted(
                                    Texts.percent(end.best().accuracy()),
                                    end.best().epoch());
            screen.line("%s SUCCEEDED%s%s", end.jobId(), best, end.reason() == null ? "" : " (" + end.reason() + ")");
            return 0;
        }
        throw new CommandFailure("%s %s%s".formatted(end.jobId(), end.state().wire(), why(end)));
    }

    static String why(JobStatus end) {
        ErrorDetail error = end.error();
        if (error != null) {
            return ": " + error.kind().wire() + ": " + error.message();
        }
        return end.reason() == null ? "" : ": " + end.reason();
    }

    private int cancel(String jobId) {
        KafkaSettings settings = kafka.reachable();
        TrainingCommand command = new TrainingCommand(jobId, Command.CANCEL);
        try (EventTail tail =
                EventTail.fromNow(settings, Map.of(settings.topics().trainingStatus(), JobStatus.class))) {
            Messages.send(settings, settings.topics().trainingCommands(), jobId, Json.write(command));
            Instant limit = Instant.now().plus(CANCEL_LIMIT);
            while (Instant.now().isBefore(limit)) {
                for (var event : tail.poll(Duration.ofMillis(200))) {
                    if (event instanceof JobStatus status
                            && status.jobId().equals(jobId)
                            && status.state().isFinal()) {
                        screen.line("%s is %s%s", jobId, status.state().wire(), why(status));
                        return 0;
                    }
                }
            }
        }
        throw new CommandFailure(
                "no trainer has ended %s within %d s; the command stays in %s for whoever takes the job"
                        .formatted(
                                jobId,
                                CANCEL_LIMIT.toSeconds(),
                                settings.topics().trainingCommands()));
    }
}

package io.github.finetide.store;

import io.github.finetide.message.Best;
import io.github.finetide.message.Json;
import io.github.finetide.message.Scores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Checkpoints as a trainer would make them, with bytes in place of tensors. */
final class Samples {
    static final String WEIGHTS_DIGEST = "ab".repeat(32);

    private Samples() {}

    static TrainingJob job(String jobId) {
        String json =
                "{\"jobId\":\"" + jobId + "\",\"model\":\"dishes\",\"dataset\":{\"train\":\"file:///data/train.txt\","
                        + "\"validation\":\"file:///data/valid.txt\"}}";
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
    }

    static CheckpointManifest manifest(String jobId, int epoch) {
        return manifest(jobId, epoch, null);
    }

    static CheckpointManifest interim(String jobId, int epoch, int batches) {
        return manifest(jobId, epoch, new MidEpoch(batches, 1.5 * batches, batches));
    }

    private static CheckpointManifest manifest(String jobId, int epoch, @Nullable MidEpoch midEpoch) {
        TrainingJob job = job(jobId);
        int finished = midEpoch == null ? epoch : epoch - 1;
        List<EpochScores> history =
                IntStream.rangeClosed(1, finished).mapToObj(Samples::scores).toList();
        return new CheckpointManifest(
                CheckpointManifest.FORMAT,
                job,
                epoch,
                midEpoch,
                history,
                List.of(List.of(3, 1), List.of(0, 4)),
                null,
                finished == 0 ? null : new Best(1, 0.5, 0.75),
                new StoppingState(0.5, finished),
                job.network(),
                WEIGHTS_DIGEST,
                job.classNames(),
                null,
                RecordedPreprocessing.validation(job.imageSize()),
                null,
                List.of());
    }

    private static EpochScores scores(int epoch) {
        return new EpochScores(epoch, 0.001, new Scores(1.0 / epoch, 0.1), new ValidationScores(1.1 / epoch, 0.2, 0.3));
    }

    static Map<String, Content> files(long seed) {
        return Map.of(
                CheckpointManifest.MODEL, bytes(seed, 5000),
                CheckpointManifest.OPTIMIZER, bytes(seed + 1, 9000),
                CheckpointManifest.GOLDEN, bytes(seed + 2, 300));
    }

    static Content bytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return file -> Files.write(file, bytes);
    }
}

package io.github.finetide.inference.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Json;
import io.github.finetide.message.Precision;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.MidEpoch;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.store.StoppingState;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PrecisionChoiceTest {
    private static final Set<Precision> ALL = EnumSet.of(Precision.BF16, Precision.INT8);

    @Test
    void int8IsTakenOnlyIfItCostsHalfAPointAtMost() {
        assertThat(chosen(ALL, Map.of("fp32", scores(0.9), "int8", scores(0.895))))
                .isEqualTo(Precision.INT8);
        assertThat(chosen(ALL, Map.of("fp32", scores(0.9), "int8", scores(0.95))))
                .isEqualTo(Precision.INT8);
        assertThat(chosen(ALL, Map.of("fp32", scores(0.9), "int8", scores(0.894))))
                .isEqualTo(Precision.BF16);
    }

    @Test
    void whatWasNotMeasuredIsNotInt8() {
        assertThat(chosen(ALL, null)).isEqualTo(Precision.BF16);
        assertThat(chosen(ALL, Map.of("fp32", scores(0.9), "bf16", scores(0.9))))
                .isEqualTo(Precision.BF16);
        assertThat(chosen(ALL, Map.of("int8", scores(0.9))))
                .as("nothing to compare with")
                .isEqualTo(Precision.BF16);
    }

    @Test
    void whatIsNotFastHereIsNotTaken() {
        Map<String, PrecisionScores> good = Map.of("fp32", scores(0.9), "int8", scores(0.9));
        assertThat(chosen(Set.of(), good)).isEqualTo(Precision.FP32);
        assertThat(chosen(EnumSet.of(Precision.INT8), good)).isEqualTo(Precision.INT8);
        assertThat(chosen(EnumSet.of(Precision.INT8), null)).isEqualTo(Precision.FP32);
    }

    @Test
    void theArticlesCnnStaysInFp32UnlessAskedFor() {
        assertThat(new PrecisionChoice(null, ALL).of(manifest("cnn", null))).isEqualTo(Precision.FP32);
        assertThat(new PrecisionChoice(Precision.BF16, ALL).of(manifest("cnn", null)))
                .isEqualTo(Precision.BF16);
    }

    private static Precision chosen(Set<Precision> fast, @Nullable Map<String, PrecisionScores> measured) {
        return new PrecisionChoice(null, fast).of(manifest("resnet152", measured));
    }

    private static PrecisionScores scores(double accuracy) {
        return new PrecisionScores(accuracy, 1);
    }

    private static CheckpointManifest manifest(String network, @Nullable Map<String, PrecisionScores> measured) {
        String json = """
                {"jobId": "j", "model": "m", "network": "%s",
                 "dataset": {"train": "file:///d/a", "validation": "file:///d/b"}}""".formatted(network);
        TrainingJob job = Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        return new CheckpointManifest(
                CheckpointManifest.FORMAT,
                job,
                1,
                new MidEpoch(1, 1, 1),
                List.of(),
                null,
                null,
                null,
                new StoppingState(null, 0),
                job.network(),
                "ab".repeat(32),
                job.classNames(),
                null,
                RecordedPreprocessing.validation(job.imageSize()),
                measured,
                List.of());
    }
}

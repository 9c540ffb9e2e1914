package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.FeatureResult;
import io.github.finetide.message.Json;
import io.github.finetide.trainer.data.FeatureHelpers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job with helpers is the job that it is alone. */
class HelpedJobTest {
    private static final String FIXED =
            "\"trainable\": \"head\", \"batchNorm\": \"frozen\", \"epochs\": 2, \"augmentation\": ";

    @TempDir
    Path folder;

    private Workshop workshop;
    private FeatureCounts counts = FeatureCounts.NONE;
    private final List<FeatureRequest> asked = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        workshop = new Workshop(folder);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void metricsAndDigestsAreTheSameAsAlone() throws IOException {
        for (String augmentation : List.of("\"none\"", "{\"views\": 2}")) {
            workshop.close();
            workshop.store("alone" + augmentation.length());
            Recorded alone = run(FIXED + augmentation, null);
            workshop.close();
            workshop.store("helped" + augmentation.length());
            Recorded helped = run(FIXED + augmentation, resources());

            assertThat(counts.byHelpers()).isPositive();
            assertThat(counts.computed() + counts.byHelpers() + counts.reused()).isEqualTo(counts.needed());
            helped.assertSameEpochsAs(alone);
        }
    }

    @Test
    void whoComputesOtherBitsRefuses() throws IOException {
        run(FIXED + "\"none\"", resources());
        FeatureWork work = new FeaturePartWork(resources());
        String request = new String(Json.write(asked.get(0)), StandardCharsets.UTF_8);

        for (String other : List.of("\"backbone\":\"cnn", "\"preparation\":\"1")) {
            byte[] changed = request.replace(other, other + "0").getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> work.compute(Json.read(changed, FeatureRequest.class), () -> true))
                    .isInstanceOf(FaultException.class)
                    .hasMessageContaining("this worker's is");
        }
        work.rest();
    }

    @Test
    void jobThatWantsNoHelpAsksNobody() throws IOException {
        run(FIXED + "\"none\", \"features\": {\"helpers\": false}", resources());
        assertThat(asked).isEmpty();
        assertThat(counts.byHelpers()).isZero();
    }

    private TrainerResources resources() throws IOException {
        return new TrainerResources(
                workshop.checkpoints,
                folder.resolve("weights"),
                (source, target) -> {
                    throw new FaultException(ErrorKind.NOT_FOUND, "helpers take weights from the store");
                },
                Workshop::bytes,
                Device.cpu(),
                1,
                Files.createDirectories(folder.resolve("temporary")));
    }

    /** @param helper who helps; null alone */
    private Recorded run(String fields, @Nullable TrainerResources helper) throws IOException {
        counts = FeatureCounts.NONE;
        Recorded progress = new Recorded() {
            @Override
            public void featuresChanged(FeatureCounts now) {
                counts = now;
            }
        };
        FeatureHelpers.Source helpers =
                helper == null ? () -> FeatureHelpers.NONE : () -> new Prompt(new FeaturePartWork(helper));
        workshop.run(workshop.quickJob("job", fields), progress, helpers);
        return progress;
    }

    /** Does the first part that it is asked for, at once. */
    private final class Prompt implements FeatureHelpers {
        private final FeatureWork work;
        private final List<FeatureResult> answers = new ArrayList<>();

        Prompt(FeatureWork work) {
            this.work = work;
        }

        @Override
        public boolean ask(FeatureRequest request) {
            asked.add(request);
            if (request.images().size() > 1) {
                List<String> shards = work.compute(request, () -> true);
                answers.add(new FeatureResult(
                        "job", request.part(), null, shards.get(0), 1, 1, "helper", null, Instant.EPOCH));
            }
            return true;
        }

        @Override
        public List<FeatureResult> answers() {
            List<FeatureResult> all = List.copyOf(answers);
            answers.clear();
            return all;
        }

        @Override
        public void close() {
            work.rest();
        }
    }
}

package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.progress.Directive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features are computed once, whatever job, name or damage: and no bit of a job depends on who computed them. */
class StoredFeaturesTest {
    private static final String FIXED =
            "\"trainable\": \"head\", \"batchNorm\": \"frozen\", \"epochs\": 2, \"augmentation\": \"none\"";
    private static final int ALL = Workshop.TRAIN + Workshop.VALIDATION;

    @TempDir
    Path folder;

    private Workshop workshop;

    @BeforeEach
    void open() throws IOException {
        workshop = new Workshop(folder);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void anotherJobOfTheSameImagesComputesNothingAndIsTheJobItWouldBeAlone() throws IOException {
        assertThat(run("first", "").features).isEqualTo(new FeatureCounts(ALL, 0, ALL, 0));

        Watched second = run("second", ", \"optimizer\": {\"learningRate\": 0.01}");

        assertThat(second.features).isEqualTo(new FeatureCounts(ALL, ALL, 0, 0));
        workshop.store("alone").close();
        workshop.store("alone");
        Watched alone = run("second", ", \"optimizer\": {\"learningRate\": 0.01}");
        assertThat(alone.features.computed()).isEqualTo(ALL);
        assertThat(second.digests()).isEqualTo(alone.digests());
    }

    @Test
    void rowsBelongToContentAndToNoNameOrPlace() throws IOException {
        run("first", "");
        List<String> lines = new ArrayList<>(Files.readAllLines(workshop.train));
        Path images = workshop.train.resolveSibling("image 0.png");
        Files.move(images, images.resolveSibling("renamed.png"));
        lines.replaceAll(line -> line.replace("image 0.png", "renamed.png"));
        Collections.reverse(lines);
        lines.add("image " + Workshop.TRAIN + ".png 1"); // a validation image
        Files.write(workshop.train, lines);

        assertThat(run("second", "").features).isEqualTo(new FeatureCounts(ALL + 1, ALL + 1, 0, 0));
    }

    @Test
    void changedImageIsAnotherImage() throws IOException {
        run("first", "");
        Path image = workshop.train.resolveSibling("image 3.png");
        Made.manifest(folder, "other.txt", 100, 1);
        Files.copy(folder.resolve("image 100.png"), image, StandardCopyOption.REPLACE_EXISTING);

        assertThat(run("second", "").features).isEqualTo(new FeatureCounts(ALL, ALL - 1, 1, 0));
    }

    @Test
    void viewsAreSharedAmongJobsOfTheSameSeed() throws IOException {
        String views = "\"trainable\": \"head\", \"batchNorm\": \"frozen\", \"epochs\": 3, \"augmentation\": ";
        assertThat(runs("first", views + "{\"views\": 2}").features.computed()).isEqualTo(ALL + Workshop.TRAIN);
        assertThat(runs("second", views + "{\"views\": 3}").features.computed()).isEqualTo(Workshop.TRAIN);
        assertThat(runs("third", views + "{\"views\": 2}, \"seed\": 1").features.computed())
                .isEqualTo(2 * Workshop.TRAIN);
        assertThat(runs("fourth", views + "{\"views\": 2, \"hue\": 0.2}")
                        .features
                        .computed())
                .isEqualTo(2 * Workshop.TRAIN);
    }

    @Test
    void damagedAndLostFilesAreComputedAgainAndChangeNothing() throws IOException {
        Watched first = run("first", "");
        for (Path file : files("features")) {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 4;
            Files.write(file, bytes);
        }

        Watched second = run("second", "");
        assertThat(second.features.computed()).isEqualTo(ALL);
        assertThat(second.losses()).isEqualTo(first.losses());
        for (Path file : files("features")) {
            Files.delete(file);
        }
        assertThat(run("third", "").features.computed()).isEqualTo(ALL);
        assertThat(run("fourth", "").features.computed()).isZero();
    }

    @Test
    void jobThatIsStoppedLeavesWhatItComputed() throws IOException {
        TrainingJob job = workshop.quickJob("job", FIXED);
        workshop.run(job, Recorded.after(1, Directive.HAND_OVER));

        Watched resumed = run("job", "");
        assertThat(resumed.features.reused()).isEqualTo(16);
        assertThat(resumed.features.computed()).isEqualTo(ALL - 16);
    }

    private Watched run(String id, String fields) throws IOException {
        return runs(id, FIXED + fields);
    }

    private Watched runs(String id, String fields) throws IOException {
        Watched progress = new Watched();
        workshop.run(workshop.quickJob(id, fields), progress);
        return progress;
    }

    private List<Path> files(String below) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("store").resolve(below))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static final class Watched extends Recorded {
        FeatureCounts features = FeatureCounts.NONE;

        @Override
        public void featuresChanged(FeatureCounts counts) {
            features = counts;
        }

        List<String> digests() {
            return epochs.stream().map(epoch -> epoch.checkpoint().digest()).toList();
        }

        List<Double> losses() {
            return epochs.stream().map(epoch -> epoch.train().loss()).toList();
        }
    }
}

package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.fetch.ImageSources;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.JobOutcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs whose images lie in a folder a class. */
class ClassFolderJobsTest extends InWorkshop {
    private Path train;
    private Path validation;

    @SuppressWarnings("NullAway.Init")
    ClassFolderJobsTest() {}

    @BeforeEach
    void open() throws IOException {
        train = sorted(workshop.train, "train");
        validation = sorted(workshop.validation, "validation");
    }

    /** Moves a list's images into folders "class 0", "class 1", ... and returns the folder of those. */
    private Path sorted(Path manifest, String name) throws IOException {
        Path target = folder.resolve(name);
        for (String line : Files.readAllLines(manifest)) {
            int gap = line.lastIndexOf(' ');
            Path classFolder = Files.createDirectories(target.resolve("class " + line.substring(gap + 1)));
            Path image = Path.of(line.substring(0, gap));
            Files.copy(manifest.resolveSibling(image), classFolder.resolve(image));
        }
        return target;
    }

    /** A list of the same images in the same order. */
    private Path list(Path folders) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int label = 0; label < Made.CLASSES; label++) {
            try (var images = Files.list(folders.resolve("class " + label))) {
                for (Path image : images.sorted().toList()) {
                    lines.add(image + " " + label);
                }
            }
        }
        return Files.write(folder.resolve(folders.getFileName() + "-list.txt"), lines);
    }

    private TrainingJob job(String dataset, String fields) throws IOException {
        TrainingJob made = workshop.quickJob(
                "job",
                "\"epochs\": 2, \"dataset\": {" + dataset + "}, \"classes\": "
                        + (fields.isEmpty() ? Made.CLASSES : fields));
        return made;
    }

    private static String field(String name, Path place) {
        return "\"" + name + "\": \"" + place.toUri() + "\"";
    }

    private Recorded run(TrainingJob job) {
        workshop.store("store" + System.identityHashCode(job));
        Recorded recorded = new Recorded();
        try (ImageSources images = ImageSources.open(List.of(folder), List.of())) {
            assertThat(workshop.run(job, recorded, 2, images)).isInstanceOf(JobOutcome.Finished.class);
        }
        return recorded;
    }

    @Test
    void foldersTrainAsTheListOfTheirImagesDoes() throws IOException {
        TrainingJob folders = job(field("train", train) + ", " + field("validation", validation), "null");
        assertThat(folders.classes()).isZero();
        Recorded first = run(folders);
        CheckpointManifest saved =
                workshop.checkpoints.newest("job").checkpoint().orElseThrow().manifest();
        Recorded second = run(job(field("train", list(train)) + ", " + field("validation", list(validation)), ""));

        assertThat(first.epochs).hasSize(2);
        for (int i = 0; i < 2; i++) {
            assertThat(first.epochs.get(i).train())
                    .isEqualTo(second.epochs.get(i).train());
            assertThat(first.epochs.get(i).validation().scores())
                    .isEqualTo(second.epochs.get(i).validation().scores());
        }
        assertThat(saved.classNames())
                .containsExactly("class 0", "class 1", "class 2", "class 3", "class 4", "class 5");
        assertThat(saved.job().classes()).isEqualTo(Made.CLASSES);
    }

    @Test
    void aFractionOfTheFoldersValidates() throws IOException {
        TrainingJob job = job(field("train", train) + ", \"validationFraction\": 0.4", "null");

        Recorded recorded = run(job);

        assertThat(recorded.start().estimate()).matches("1[0-7] training and ([5-9]|1[0-2]) validation images.*");
        assertThat(recorded.epochs).hasSize(2);
    }

    @Test
    void aResumedJobDividesAsBefore() throws IOException {
        TrainingJob job = job(field("train", train) + ", \"validationFraction\": 0.4", "null");
        Recorded unbroken = run(job);
        workshop.store("second");
        Recorded parts = new Recorded();
        try (ImageSources images = ImageSources.open(List.of(folder), List.of())) {
            Recorded before = Recorded.after(5, Directive.HAND_OVER);
            assertThat(workshop.run(job, before, 2, images)).isInstanceOf(JobOutcome.HandedOver.class);
            workshop.run(job, parts, 2, images);
            before.epochs.addAll(parts.epochs);
            before.assertSameEpochsAs(unbroken);
        }
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        String sets = field("train", train) + ", " + field("validation", validation);
        assertThatThrownBy(() -> run(job(sets, "7")))
                .hasMessage("classes: 7 is not allowed; allowed: as many as there are class folders, 6");
        assertThatThrownBy(() -> run(job(
                        sets
                                + ", \"classNames\": [\"class 1\",\"class 0\",\"class 2\",\"class 3\",\"class 4\",\"class 5\"]",
                        "6")))
                .hasMessageContaining("allowed: the order of the class folders, sorted by name, or no names");
        Files.createDirectories(validation.resolve("class 9"));
        Files.createDirectories(train.resolve("empty"));
        assertThatThrownBy(() -> run(job(sets, "null")))
                .hasMessageContaining("/train/ has no image for \"empty\"; put some there or remove the folder;");
        Files.delete(train.resolve("empty"));
        assertThatThrownBy(() -> run(job(sets, "null")))
                .hasMessageContaining("/validation/ has folders of classes that training does not have: \"class 9\"");
    }

    @Test
    void anImageThatCannotBeReadIsNamedOnce() throws IOException {
        Files.write(train.resolve("class 2/broken.jpg"), "no image".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> run(job(field("train", train) + ", \"validationFraction\": 0.4", "null")))
                .hasMessageMatching("(?s)1 image cannot be used:\nfile:/.*/train/class%202/broken.jpg: .*")
                .hasMessageNotContaining("broken.jpg: file:");
    }

    @Test
    void theJobOfACheckpointIsWhole() throws IOException {
        TrainingJob open = job(field("train", train) + ", \"validationFraction\": 0.4", "null");
        assertThat(Json.read(Json.write(open), TrainingJob.class)).isEqualTo(open);
    }
}

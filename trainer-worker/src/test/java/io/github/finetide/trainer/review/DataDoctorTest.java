package io.github.finetide.trainer.review;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingKind;
import io.github.finetide.trainer.data.Manifest;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Made features: a cluster a class, and what is wrong put among them. */
class DataDoctorTest {
    private static final int CLASSES = 10;
    private static final int COLUMNS = 64;
    private static final int TRAINING = 1000;
    private static final int VALIDATION = 200;
    private static final int COPIES = 20;
    private static final double TURNED = 0.05;

    private final Random random = new Random(7);
    private final float[][] centres = new float[CLASSES][];
    private final Set<Integer> turned = new HashSet<>();

    DataDoctorTest() {
        for (int c = 0; c < CLASSES; c++) {
            centres[c] = drawn(1);
        }
    }

    private float[] drawn(double scale) {
        float[] row = new float[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            row[i] = (float) (scale * random.nextGaussian());
        }
        return row;
    }

    private float[] near(float[] centre, double scale) {
        float[] row = drawn(scale);
        for (int i = 0; i < COLUMNS; i++) {
            row[i] += centre[i];
        }
        return row;
    }

    private static URI image(String set, int index) {
        return URI.create("file:///d/" + set + "/" + index + ".jpg");
    }

    private static ImageEvidence evidence(String set, List<float[]> rows, List<Integer> labels) {
        List<Manifest.Entry> entries = new ArrayList<>();
        float[] features = new float[rows.size() * COLUMNS];
        for (int i = 0; i < rows.size(); i++) {
            entries.add(new Manifest.Entry(image(set, i), labels.get(i), i + 1));
            System.arraycopy(rows.get(i), 0, features, i * COLUMNS, COLUMNS);
        }
        int[] order = IntStream.range(0, rows.size()).toArray();
        URI list = URI.create("file:///d/" + set + ".txt");
        return new ImageEvidence(new Manifest(list, entries), order, features, COLUMNS);
    }

    private List<Finding> findings() {
        List<float[]> training = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int i = 0; i < TRAINING; i++) {
            int label = i % CLASSES;
            training.add(near(centres[label], 0.7));
            boolean turn = random.nextDouble() < TURNED;
            if (turn) {
                turned.add(i);
            }
            labels.add(turn ? (label + 1 + random.nextInt(CLASSES - 1)) % CLASSES : label);
        }
        List<float[]> validation = new ArrayList<>();
        List<Integer> truths = new ArrayList<>();
        for (int i = 0; i < VALIDATION; i++) {
            boolean copy = i < COPIES;
            validation.add(copy ? near(training.get(i), 0.05) : near(centres[i % CLASSES], 0.7));
            truths.add(i % CLASSES);
        }
        validation.set(VALIDATION - 1, drawn(3));
        List<String> names =
                IntStream.range(0, CLASSES + 1).mapToObj(c -> "dish " + c).toList();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            return new DataDoctor(
                            evidence("train", training, labels), evidence("validation", validation, truths), names)
                    .findings(manager, () -> {});
        }
    }

    private static int row(Finding finding) {
        return Objects.requireNonNull(finding.line()) - 1;
    }

    private static List<Finding> of(List<Finding> findings, FindingKind kind) {
        return findings.stream().filter(finding -> finding.kind() == kind).toList();
    }

    @Test
    void turnedLabelsCopiesStrangersAndSmallClassesAreFound() {
        List<Finding> all = findings();

        List<Finding> labels = of(all, FindingKind.LABEL_ERROR);
        long right = labels.stream()
                .filter(finding -> finding.manifest().getPath().endsWith("train.txt"))
                .filter(finding -> turned.contains(row(finding)))
                .peek(finding -> assertThat(finding.suggested()).isEqualTo("dish " + row(finding) % CLASSES))
                .count();
        assertThat(right).as("recall").isGreaterThan((long) (0.85 * turned.size()));
        assertThat(right).as("precision").isGreaterThan((long) (0.9 * labels.size()));
        assertThat(of(all, FindingKind.LEAK)).hasSize(COPIES).allSatisfy(leak -> {
            assertThat(leak.image()).isEqualTo(image("validation", row(leak)));
            assertThat(leak.other()).isEqualTo(image("train", row(leak)));
        });
        assertThat(of(all, FindingKind.NEAR_DUPLICATE)).isEmpty();
        assertThat(of(all, FindingKind.OUTLIER))
                .extracting(Finding::image)
                .containsExactly(image("validation", VALIDATION - 1));
        assertThat(of(all, FindingKind.SMALL_CLASS))
                .extracting(Finding::label)
                .containsExactly("dish " + CLASSES, "dish " + CLASSES);
        assertThat(all).isSortedAccordingTo((one, other) -> one.kind().compareTo(other.kind()));
    }

    @Test
    void probabilitiesOutOfFoldJudgeTrainingLabelsWhereThereAreSome() {
        List<float[]> rows = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        float[] probabilities = new float[40 * 2];
        int doubtful = 3;
        for (int i = 0; i < 40; i++) {
            int label = i % 2;
            rows.add(near(centres[label], 0.1)); // neighbours doubt no label
            labels.add(label);
            probabilities[2 * i + (i == doubtful ? 1 - label : label)] = i == doubtful ? 0.97f : 0.9f;
            probabilities[2 * i + (i == doubtful ? label : 1 - label)] = i == doubtful ? 0.03f : 0.1f;
        }
        ImageEvidence unjudged = evidence("train", rows, labels);
        ImageEvidence training =
                new ImageEvidence(unjudged.manifest(), unjudged.order(), unjudged.features(), COLUMNS, probabilities);
        ImageEvidence validation = evidence("validation", List.of(centres[0]), List.of(0));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            DataDoctor doctor = new DataDoctor(training, validation, List.of("soup", "cake"));
            List<Finding> found = of(doctor.findings(manager, () -> {}), FindingKind.LABEL_ERROR);
            assertThat(found).extracting(Finding::image).containsExactly(image("train", doubtful));
            assertThat(found).extracting(Finding::suggested).containsExactly("soup");
        }
    }

    @Test
    void aModelThatKnowsNothingJudgesNoLabel() {
        float[] equal = new float[30];
        Arrays.fill(equal, 0.1f);
        LabelErrors errors = new LabelErrors(equal, new int[] {1, 2, 3}, CLASSES);
        assertThat(errors.canJudge()).isFalse();
    }

    @Test
    void longRowsAreMeansOfTheirParts() {
        EvidenceTable table = new EvidenceTable(2 * EvidenceTable.MOST_COLUMNS);
        float[] row = new float[2 * EvidenceTable.MOST_COLUMNS];
        for (int i = 0; i < row.length; i++) {
            row[i] = i;
        }
        table.add(row);
        assertThat(table.rows()).hasSize(EvidenceTable.MOST_COLUMNS).startsWith(0.5f, 2.5f);
    }
}

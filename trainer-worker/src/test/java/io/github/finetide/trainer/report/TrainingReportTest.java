package io.github.finetide.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.BeforeAfter;
import io.github.finetide.message.Best;
import io.github.finetide.message.ClassScores;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.ConfidenceThreshold;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingCounts;
import io.github.finetide.message.FindingKind;
import io.github.finetide.message.Json;
import io.github.finetide.message.MeanDeviation;
import io.github.finetide.message.OptimizerName;
import io.github.finetide.message.Scores;
import io.github.finetide.message.SweepValues;
import io.github.finetide.message.SweepVariant;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.EpochScores;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.store.StoppingState;
import io.github.finetide.trainer.report.Reliability.Bin;
import io.github.finetide.trainer.report.ReportFindings.Shown;
import io.github.finetide.trainer.report.ReportPictures.OfClass;
import io.github.finetide.trainer.report.ReportPictures.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class TrainingReportTest {
    private static CheckpointManifest manifest(int classes, int epochs) {
        String names = IntStream.range(0, classes)
                .mapToObj(number -> number == 0 ? "\"<b>soup & 'salad'</b>\"" : "\"dish " + number + "\"")
                .reduce((one, other) -> one + "," + other)
                .orElseThrow();
        TrainingJob job = Json.read(
                ("{\"jobId\":\"dishes-1\",\"model\":\"dishes\",\"classes\":" + classes
                                + ",\"epochs\":" + Math.max(20, epochs)
                                + ",\"dataset\":{\"train\":\"file:///d/train.txt\",\"validation\":\"file:///d/valid.txt\","
                                + "\"classNames\":[" + names + "]}}")
                        .getBytes(StandardCharsets.UTF_8),
                TrainingJob.class);
        return new CheckpointManifest(
                CheckpointManifest.FORMAT,
                job,
                epochs,
                null,
                IntStream.rangeClosed(1, epochs)
                        .mapToObj(TrainingReportTest::scores)
                        .toList(),
                IntStream.range(0, classes).mapToObj(row -> row(row, classes)).toList(),
                job.classNames().stream()
                        .map(name -> new ClassScores(name, 0.75, 0.5, 10))
                        .toList(),
                new Best(epochs, 0.8125, 0.6),
                new StoppingState(0.8125, 0),
                job.network(),
                "ab".repeat(32),
                job.classNames(),
                null,
                RecordedPreprocessing.validation(256),
                null,
                List.of());
    }

    private static EpochScores scores(int epoch) {
        return new EpochScores(
                epoch,
                0.001,
                new Scores(2.5 / epoch, 1 - 0.9 / epoch),
                new ValidationScores(2.6 / Math.sqrt(epoch), 1 - 0.95 / Math.sqrt(epoch), 0.99));
    }

    private static List<Integer> row(int label, int classes) {
        return IntStream.range(0, classes)
                .map(predicted -> predicted == label ? 9 : (predicted * 7 + label) % 5 == 0 ? 2 : 0)
                .boxed()
                .toList();
    }

    @Test
    void pageTellsTheWholeJob() {
        String page = TrainingReport.html(manifest(20, 20));
        assertThat(page)
                .contains("dishes-1", "best epoch 20: accuracy 81.25 %, loss 0.6000", "20 of 20 epochs")
                .contains("&lt;b&gt;soup &amp; 'salad'&lt;/b&gt;", "75.00 %", "ab".repeat(32))
                .doesNotContain("<b>soup");
        assertThat(page.split("<polyline", -1)).hasSize(5);
    }

    @Test
    void everyVariantOfASweepHasARow() {
        SweepValues values = new SweepValues(0.03, null, 0.1, OptimizerName.SGD);
        String page = TrainingReport.html(manifest(20, 20)
                .withSweep(List.of(
                        new SweepVariant(0, values, 7, new Best(4, 0.75, 0.5), 0.75, null),
                        new SweepVariant(1, values, 20, new Best(20, 0.8125, 0.6), 0.8125, null))));

        assertThat(page)
                .contains("<h2>Sweep</h2>")
                .containsSubsequence("0.03", "0.1", "sgd", ">7<", ">4<", "75.00 %", "0.5000", "81.25 %");
        assertThat(TrainingReport.html(manifest(20, 20))).doesNotContain("Sweep");
    }

    @Test
    void foldsHaveMeansAndDeviations() {
        CrossValidation scores = new CrossValidation(
                5, new MeanDeviation(0.875, 0.0125), new MeanDeviation(0.5, 0.25), new MeanDeviation(0.75, 0));

        assertThat(TrainingReport.html(manifest(20, 20).withCrossValidation(scores)))
                .containsSubsequence("Cross-validation", "5 parts", "87.50 %", "1.25 %", "0.5000", "0.2500", "0.7500");
        assertThat(TrainingReport.html(manifest(20, 20))).doesNotContain("Cross-validation");
    }

    @Test
    void pageNeedsNothingFromElsewhere() {
        assertThat(TrainingReport.html(manifest(20, 20)))
                .doesNotContain("http:", "https:", "src=", "href=", "@import", "url(", "<script");
    }

    @Test
    void sameCheckpointGivesTheSamePage() {
        assertThat(TrainingReport.html(manifest(3, 2))).isEqualTo(TrainingReport.html(manifest(3, 2)));
    }

    @Test
    void chartsAreWellFormed() throws Exception {
        String page = TrainingReport.html(manifest(20, 1));
        String svg = page.substring(page.indexOf("<svg"), page.indexOf("</svg>") + "</svg>".length());
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(svg)))
                        .getElementsByTagName("circle")
                        .getLength())
                .isEqualTo(2);
        assertThat(svg).doesNotContain("NaN", "Infinity");
    }

    @Test
    void confidenceAndDoubtfulImagesAreShown() throws Exception {
        String page = TrainingReport.html(manifest(20, 20), details(3));
        assertThat(page)
                .contains(
                        "from 0.1200 to 0.0300", "Reliability: As computed", "12 images: confidence 0.900, right 0.500")
                .contains("<td>0.95</td><td class=\"number\">80.0 %</td><td class=\"number\">97.5 %</td>")
                .contains("Labels to check: 3", "rice, 0.750, line 7", "Classes with few images: 1")
                .doesNotContain("In training and in validation", "Unlike all others");
        String svg = page.substring(page.indexOf("<svg viewBox=\"0 0 280"));
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(
                                new StringReader(svg.substring(0, svg.indexOf("</svg>") + "</svg>".length()))))
                        .getElementsByTagName("circle")
                        .getLength())
                .isEqualTo(1);
    }

    @Test
    void aThousandClassesWithAllThatIsShownAreLessThanThreeMegabytes() throws IOException {
        String page = TrainingReport.html(manifest(1000, 20), details(24));
        assertThat(page.length()).isLessThan(3_000_000);
        Path file = Path.of("target", "report-thousand.html");
        Files.createDirectories(file.getParent());
        assertThat(Files.writeString(file, page)).isNotEmptyFile();
    }

    /** As much as a report may show; the pictures are noise, which no JPEG makes small. */
    private static ReportDetails details(int labels) throws IOException {
        BufferedImage noise = new BufferedImage(112, 112, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        for (int i = 0; i < 112 * 112; i++) {
            noise.setRGB(i % 112, i / 112, 0x303030 + random.nextInt(0x404040));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(noise, "jpeg", bytes);
        String jpeg = Base64.getEncoder().encodeToString(bytes.toByteArray());
        Picture picture = new Picture(jpeg, "soup", "a dish with quite a long name 41.0 %, loss 3.21", jpeg);
        Picture plain = new Picture(jpeg, "soup", "rice, 0.750, line 7");
        URI list = URI.create("file:///d/train.txt");
        Finding label = new Finding(FindingKind.LABEL_ERROR, list, 7, list, "soup", "rice", 0.75, null);
        Finding small = new Finding(FindingKind.SMALL_CLASS, list, null, null, "tart", null, 3, null);
        List<Finding> findings = new ArrayList<>(Collections.nCopies(labels, label));
        List<Shown> shown = new ArrayList<>(Collections.nCopies(labels, new Shown(label, plain, null)));
        findings.add(small);
        shown.add(new Shown(small, null, null));
        int classes = 1_600_000 / jpeg.length() / 2;
        return new ReportDetails(
                new ReportPictures(
                        Collections.nCopies(16, plain),
                        Collections.nCopies(24, picture),
                        Collections.nCopies(classes, new OfClass("dish with a long name", plain, plain)),
                        1000 - classes),
                Optional.of(new Reliability(
                        new Confidence(
                                1.5,
                                new BeforeAfter(0.12, 0.03),
                                new BeforeAfter(1, 0.9),
                                List.of(new ConfidenceThreshold(0.95, 0.8, 0.975))),
                        List.of(new Bin(12, 0.9, 0.5)),
                        List.of(new Bin(12, 0.6, 0.5)))),
                Optional.of(new ReportFindings(FindingCounts.of(findings), shown, "Looked at all.")));
    }

    @Test
    void manyClassesAndEpochsStayOnePage() throws IOException {
        String page = TrainingReport.html(manifest(200, 3000));
        assertThat(page)
                .doesNotContain("Confusion matrix")
                .contains("Most frequent confusions")
                .hasSizeLessThan(4_000_000);
        Path file = Path.of("target", "report-sample.html");
        Files.createDirectories(file.getParent());
        Files.writeString(file, TrainingReport.html(manifest(20, 20)));
        assertThat(file).isNotEmptyFile();
    }
}

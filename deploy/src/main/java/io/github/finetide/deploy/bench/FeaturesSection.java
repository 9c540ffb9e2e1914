package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.bench.Figure.Unit;
import io.github.finetide.files.FileTree;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Whole jobs on features that are computed once: by how many images there are, whether others had them, and in sweeps. */
final class FeaturesSection {
    private static final int EDGE = 64; // small: 8,000 images take minutes
    private static final int CLASSES = 20;
    private static final int EPOCHS = 20;
    private static final int BATCH = 64;
    private static final int VALIDATED = 5; // one validation image for so many of training

    /**
     * How much is tried.
     *
     * @param images of training
     * @param swept so many of them in sweeps
     * @param variants of these
     */
    record Size(List<Integer> images, int swept, List<Integer> variants) {
        static final Size QUICK = new Size(List.of(100), 100, List.of(10));
        static final Size FULL = new Size(List.of(500, 2000, 8000), 2000, List.of(10, 100));
    }

    private final BenchSite site;
    private final Results results;
    private final Size size;
    private int jobs;

    FeaturesSection(BenchSite site, Results results, Size size) {
        this.site = site;
        this.results = results;
        this.size = size;
    }

    void run(Consumer<String> report) throws IOException {
        for (int images : size.images()) {
            report.accept("Features, %d images of %dx%d".formatted(images, EDGE, EDGE));
            Path training = draw("training", images);
            Path validation = draw("validation", images / VALIDATED);
            String name = "features.images" + images;
            forget();
            add(name + ".first", training, validation, "");
            add(name + ".again", training, validation, ", \"optimizer\": {\"learningRate\": 0.0005}");
        }
        Path training = draw("training", size.swept());
        Path validation = draw("validation", size.swept() / VALIDATED);
        for (int variants : size.variants()) {
            report.accept("Features, a sweep of %d variants".formatted(variants));
            String rates = IntStream.rangeClosed(1, variants)
                    .mapToObj(i -> String.valueOf(i / 10_000.0))
                    .collect(Collectors.joining(", "));
            forget();
            add(
                    "features.variants" + variants,
                    training,
                    validation,
                    ", \"sweep\": {\"learningRate\": [" + rates + "]}");
        }
    }

    /** The next job finds nothing that it could use. */
    private void forget() throws IOException {
        FileTree.delete(site.store().resolve("features"));
    }

    private void add(String name, Path training, Path validation, String more) throws IOException {
        String jobId = "features-" + ++jobs;
        BenchJob job = new BenchJob(jobId, site.weightsName(), "frozen", "fp32", BATCH, EPOCHS);
        String fields = ", \"imageSize\": %d, \"classes\": %d, \"augmentation\": \"none\", \"release\": \"none\"%s"
                .formatted(EDGE, CLASSES, more);
        Path file = Files.writeString(site.folder().resolve(jobId + ".json"), job.json(training, validation, fields));
        try (Contestant finetide = site.finetide("features")) {
            Answer answer = finetide.ask(
                    "job",
                    file.toString(),
                    site.store().toString(),
                    site.cache().toString(),
                    site.folder().toString());
            if (answer.isRefusal()) {
                throw new CommandFailure(answer.refusal());
            }
            results.add(name, answer.numbers().get(0), Unit.SECONDS);
        }
        FileTree.delete(site.store().resolve(jobId));
    }

    /** Noise of twenty brightnesses. */
    private Path draw(String set, int images) throws IOException {
        Path folder = Files.createDirectories(site.folder().resolve("features-" + set));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            Path file = folder.resolve(i + ".png");
            if (Files.notExists(file)) {
                ImageIO.write(noise(i, new Random(31L * i + set.length())), "png", file.toFile());
            }
            lines.add(file + " " + i % CLASSES);
        }
        return Files.write(folder.resolve(images + ".txt"), lines, StandardCharsets.UTF_8);
    }

    private static BufferedImage noise(int number, Random random) {
        BufferedImage image = new BufferedImage(EDGE, EDGE, BufferedImage.TYPE_INT_RGB);
        int base = number % CLASSES * 8;
        for (int pixel = 0; pixel < EDGE * EDGE; pixel++) {
            image.setRGB(pixel % EDGE, pixel / EDGE, (base + random.nextInt(96)) * 0x010101);
        }
        return image;
    }
}

package io.github.finetide.deploy;

import io.github.finetide.message.TrainingJob;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the demo starts from: ImageNet weights where they can be had, otherwise random ones.
 *
 * @param name the job's {@code weights}
 * @param origin what they learned from, in words
 * @param explanation what the user should know
 */
record DemoWeights(String name, String origin, String explanation) {
    private static final String PHOTOS = "ImageNet's photos";
    private static final String FILE = "resnet152-f82ba261.pth";
    private static final URI SOURCE = URI.create("https://download.pytorch.org/models/" + FILE);

    /** A host that can be reached answers in well under a second. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private static final String RANDOM = """
            random:1: ImageNet weights are neither in %s nor to be had from %s within %d s.
                        Its last layer trains on top of 151 layers of random filters that have never seen an image: this
                        shows that it runs, not how good it is.""";

    static DemoWeights find(Path cache) throws InterruptedException {
        if (Files.isRegularFile(cache.resolve(FILE))) {
            return new DemoWeights(TrainingJob.IMAGENET, PHOTOS, "ImageNet (IMAGENET1K_V2), from " + cache);
        }
        if (canBeDownloaded()) {
            return new DemoWeights(
                    TrainingJob.IMAGENET, PHOTOS, "ImageNet (IMAGENET1K_V2), downloaded once into %s".formatted(cache));
        }
        return new DemoWeights(
                "random:1", "random filters", RANDOM.formatted(cache, SOURCE.getHost(), ANSWER_LIMIT.toSeconds()));
    }

    private static boolean canBeDownloaded() throws InterruptedException {
        HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build();
        HttpRequest head = HttpRequest.newBuilder(SOURCE)
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .timeout(ANSWER_LIMIT)
                .build();
        try {
            return http.send(head, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notReachable) {
            return false;
        }
    }
}

package io.github.finetide.deploy.classify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.Screen;
import io.github.finetide.deploy.Texts;
import io.github.finetide.deploy.classify.BulkSource.Image;
import io.github.finetide.deploy.classify.ClassificationClient.RequestWithResult;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Classifies many images into a file, a bounded number of them at once; what the file holds already is not done again. */
final class BulkRun {
    /** Batches of 32 for sixteen workers; a topic holds them without noticing. */
    private static final int MOST_UNDER_WAY = 512;

    /** Requests that hold their images: as many as the producer buffers. */
    private static final long MOST_BYTES_UNDER_WAY = 32L << 20;

    private final ClassificationClient client;
    private final BulkResults results;
    private final Screen screen;
    private final Duration patience;
    private final Instant start = Instant.now();
    private Instant lastResult = start;
    private int todo;
    private int came;

    /** @param patience how long nothing may come before the run ends */
    BulkRun(ClassificationClient client, BulkResults results, Screen screen, Duration patience) {
        this.client = client;
        this.results = results;
        this.screen = screen;
        this.patience = patience;
    }

    /** Returns when every image has its line in the file. */
    void run(List<Image> images, Function<URI, ClassificationRequest> requests) throws IOException {
        List<Image> missing =
                images.stream().filter(image -> !results.takeDone(image.name())).toList();
        todo = missing.size();
        if (todo < images.size()) {
            screen.line("%d of %d images have their results already", images.size() - todo, images.size());
        }
        for (Image image : missing) {
            while (client.underWay() >= MOST_UNDER_WAY || client.bytesUnderWay() >= MOST_BYTES_UNDER_WAY) {
                collect();
            }
            begin(image, requests);
        }
        while (client.underWay() > 0) {
            collect();
        }
        screen.eraseBar();
    }

    /** Images a second. */
    double rate() {
        return came / Math.max(1e-3, Duration.between(start, Instant.now()).toMillis() / 1e3);
    }

    private void begin(Image image, Function<URI, ClassificationRequest> requests) throws IOException {
        URI uri = image.uri();
        FaultException fault = image.fault();
        if (uri != null && fault == null) {
            client.send(requests.apply(uri));
        } else if (fault != null) {
            record(ResultJson.refusedHere(image.name(), fault));
        }
    }

    private void collect() throws IOException {
        for (RequestWithResult answered : client.poll()) {
            record(ResultJson.of(answered));
        }
        if (Duration.between(lastResult, Instant.now()).compareTo(patience) > 0) {
            screen.eraseBar();
            throw new CommandFailure(
                    ("no result has come for %d s, %d images have none: does an inference worker run? The"
                                    + " same command goes on where this one ended")
                            .formatted(patience.toSeconds(), todo - came));
        }
    }

    private void record(ObjectNode result) throws IOException {
        results.add(result);
        came++;
        lastResult = Instant.now();
        double rate = rate();
        String left = Texts.clock((todo - came) / Math.max(rate, 1e-9));
        String note = String.format(Locale.ROOT, "%d of %d, %.1f/s, %s left", came, todo, rate, left);
        screen.bar("Classifying", (double) came / todo, note);
    }
}

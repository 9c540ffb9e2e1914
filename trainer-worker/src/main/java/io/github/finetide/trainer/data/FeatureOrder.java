package io.github.finetide.trainer.data;

import io.github.finetide.features.RowKey;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.FeatureImage;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What others need to know to compute a job's features.
 *
 * @param helpers whom parts are asked of
 * @param precision that the network really runs in
 * @param weightsDigest of the starting weights, in the store
 * @param ranges of activations by layer, in int8; null in other precisions
 */
public record FeatureOrder(
        FeatureHelpers.Source helpers,
        String jobId,
        Architecture network,
        Precision precision,
        String weightsDigest,
        @Nullable Map<String, Double> ranges,
        int imageSize,
        long seed) {

    /**
     * Asks for some rows.
     *
     * @param images their places in the manifest
     * @param limit how long an answer is waited for
     */
    FeatureRequest request(
            String backbone, BatchSampler pass, List<RowKey> rows, List<Integer> images, Instant now, Duration limit) {
        ImageSet set = pass.images();
        return new FeatureRequest(
                jobId,
                part(rows),
                backbone,
                network,
                precision,
                weightsDigest,
                ranges,
                imageSize,
                set.transform().augmentation(),
                seed,
                pass.epoch(),
                set.preparation(pass.epoch()),
                images.stream().map(image -> image(set, image)).toList(),
                now.plus(limit),
                now);
    }

    private static FeatureImage image(ImageSet set, int image) {
        return new FeatureImage(
                set.manifest().entries().get(image).image(),
                HexFormat.of().formatHex(set.contents().of(image)));
    }

    /** The name of a part: the same for the same rows. */
    static String part(List<RowKey> rows) {
        return Sha256.hex(rows.toString().getBytes(StandardCharsets.UTF_8));
    }
}

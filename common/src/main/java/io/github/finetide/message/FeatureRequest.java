package io.github.finetide.message;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A part of a job's features that any trainer may compute into the feature store. Rows there have the names of what they
 * were made of, so that it does no harm to do what is asked twice, late or not at all.
 *
 * @param part SHA-256 over the names of its rows: the same for the same rows of the same job, whoever asks
 * @param backbone the name that the rows have in the store; whoever computes other bits has another one
 * @param precision that the network runs in
 * @param weightsDigest SHA-256 of the starting weights, which lie in the store
 * @param ranges of activations by layer, in int8; null in other precisions
 * @param augmentation null for the validation transform
 * @param seed of the augmentation
 * @param view of the augmented images, from 1
 * @param preparation what is done to an image, in words: an other version may do something else
 * @param images no two of the same bytes
 * @param expiresAt nobody waits for it any more
 */
public record FeatureRequest(
        String jobId,
        String part,
        String backbone,
        Architecture network,
        Precision precision,
        String weightsDigest,
        @Nullable Map<String, Double> ranges,
        int imageSize,
        @Nullable Augmentation augmentation,
        long seed,
        int view,
        String preparation,
        List<FeatureImage> images,
        Instant expiresAt,
        Instant at)
        implements Event {

    /** As many as a shard of the store has rows: a minute's work with ResNet152 in fp32. */
    public static final int MAX_IMAGES = 512;

    public FeatureRequest {
        Check.id("jobId", jobId);
        Check.sha256("part", part);
        Check.id("backbone", backbone);
        Check.sha256("weightsDigest", weightsDigest);
        ranges = ranges == null ? null : Map.copyOf(ranges);
        Check.range("imageSize", imageSize, TrainingJob.MIN_IMAGE_SIZE, TrainingJob.MAX_IMAGE_SIZE);
        Check.atLeast("view", view, 1);
        Check.range("images", images.size(), 1, MAX_IMAGES);
        images = List.copyOf(images);
        expiresAt = Check.time("expiresAt", expiresAt);
        at = Check.time("at", at);
    }

    @Override
    public String key() {
        return jobId;
    }

    @Override
    public String id() {
        return jobId + "/features/" + part;
    }

    @Override
    public String type() {
        return "io.github.finetide.message.FeatureRequest";
    }
}

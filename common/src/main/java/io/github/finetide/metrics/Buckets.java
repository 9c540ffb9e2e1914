package io.github.finetide.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Histograms with the bounds of their buckets. */
public final class Buckets {
    /** Seconds: one step of a batch, from a head alone to ResNet152 trained whole. */
    public static final double[] STEP = {0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120};
    /** Seconds: from cached features of a few images to a day over a large data set. */
    public static final double[] EPOCH = {1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400};
    /** Seconds: from a head on a local disk to everything to a far bucket. */
    public static final double[] WRITE = {0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
    /** Bytes: a head with its moments is 1 MiB, ResNet152 with them 700 MiB. */
    public static final double[] BYTES = {
        0x1p16, 0x1p18, 0x1p20, 0x1p22, 0x1p24, 0x1p26, 0x1p27, 0x1p28, 0x1p29, 0x1p30, 0x1p31, 0x1p32
    };
    /** Seconds: a phase of one request; fine where users set alerts. */
    public static final double[] CLASSIFICATION = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
    };
    /** Images. */
    public static final double[] BATCH = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    /** Seconds: fetch, load, warm up and check a model. */
    public static final double[] LOAD = {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120};

    private Buckets() {}

    public static Timer seconds(MeterRegistry registry, String name, String description, double[] seconds, String... tags) {
        Duration[] bounds = Arrays.stream(seconds)
                .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
                .toArray(Duration[]::new);
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(bounds)
                .register(registry);
    }

    public static DistributionSummary summary(
            MeterRegistry registry, String name, String description, @Nullable String unit, double[] bounds) {
        return DistributionSummary.builder(name)
                .description(description)
                .baseUnit(unit)
                .serviceLevelObjectives(bounds)
                .register(registry);
    }
}

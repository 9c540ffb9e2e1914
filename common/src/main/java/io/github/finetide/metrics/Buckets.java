package io.github.finetide.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Histograms with the bounds of their buckets. */
public final class Buckets {
    private Buckets() {}

    public static Timer seconds(
            MeterRegistry registry, String name, String description, double[] seconds, String... tags) {
        Duration[] bounds = Arrays.stream(seconds)
                .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
                .toArray(Duration[]::new);
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(bounds)
                .register(registry);
    }

    /** A summary of numbers without unit. */
    public static DistributionSummary summary(
            MeterRegistry registry, String name, String description, double[] bounds, String... tags) {
        return DistributionSummary.builder(name)
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

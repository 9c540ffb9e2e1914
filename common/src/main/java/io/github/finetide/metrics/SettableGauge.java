package io.github.finetide.metrics;

/** A value that is set when it changes and read when it is scraped. */
public final class SettableGauge {
    private volatile double value;

    public void set(double newValue) {
        value = newValue;
    }

    double get() {
        return value;
    }
}

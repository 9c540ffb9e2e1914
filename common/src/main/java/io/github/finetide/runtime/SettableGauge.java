package io.github.finetide.runtime;

/** A value that is set when it changes and read when it is scraped. */
final class SettableGauge {
    private volatile double value;

    void set(double newValue) {
        value = newValue;
    }

    double get() {
        return value;
    }
}

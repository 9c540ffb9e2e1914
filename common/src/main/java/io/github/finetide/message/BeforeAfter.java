package io.github.finetide.message;

/** A figure without and with calibration. */
public record BeforeAfter(double before, double after) {
    public BeforeAfter {
        Check.notNegative("before", before);
        Check.notNegative("after", after);
    }
}

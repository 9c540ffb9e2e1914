package io.github.finetide.deploy.bench;

/**
 * One measured number.
 *
 * @param name words joined by dots: {@code network.bf16.batch32}
 */
record Figure(String name, double value, Unit unit) {
    /** What a number counts, and how it is written. */
    enum Unit {
        IMAGES_PER_SECOND("images/s", "%.1f"),
        SECONDS("s", "%.1f"),
        MILLISECONDS("ms", "%.1f"),
        GIGAFLOPS("GFLOP/s", "%.0f"),
        MEGABYTES("MB", "%.0f"),
        CORES("cores", "%.2f");

        private final String symbol;
        private final String format;

        Unit(String symbol, String format) {
            this.symbol = symbol;
            this.format = format;
        }

        String symbol() {
            return symbol;
        }

        String format() {
            return format;
        }
    }
}

package io.github.finetide.trainer.data;

/** Is informed of rows of features, on the job's thread. */
public interface FeatureEvents {
    /** Nobody listens. */
    FeatureEvents NONE = new FeatureEvents() {
        @Override
        public void found(int reused, int missing) {}

        @Override
        public void computed(int images) {}

        @Override
        public void helped(int images) {}
    };

    /** A table needs rows: so many are there, so many must be computed. */
    void found(int reused, int missing);

    void computed(int images);

    /** Others have computed so many. */
    void helped(int images);
}

package io.github.finetide.trainer.data;

import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.FeatureResult;
import java.util.List;

/**
 * Other workers, who may compute parts of a job's features into the store. They save time and decide nothing: what they do
 * not do is done here. Used on the job's thread; no method fails, or waits for anybody.
 */
public interface FeatureHelpers extends AutoCloseable {
    /** There are none. */
    FeatureHelpers NONE = new FeatureHelpers() {
        @Override
        public boolean ask(FeatureRequest request) {
            return false;
        }

        @Override
        public List<FeatureResult> answers() {
            return List.of();
        }

        @Override
        public void close() {}
    };

    /** Begins to ask, for one table of features. */
    @FunctionalInterface
    interface Source {
        FeatureHelpers open();
    }

    /** Asks for a part; returns whether it can be asked for. */
    boolean ask(FeatureRequest request);

    /** Returns what was answered since the last call, to anybody. */
    List<FeatureResult> answers();

    @Override
    void close();
}

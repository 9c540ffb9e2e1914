package io.github.finetide.runtime;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Values of a label that users choose: the first ones keep their names, the rest share one. */
final class Labels {
    /** Each model has about ten series in a trainer and twenty an error kind in an inference worker. */
    static final int MAX_MODELS = 200;
    /** Of all models together; released versions come and go with the weeks. */
    static final int MAX_VERSIONS = 1000;
    /** A deployment reads three topics. */
    static final int MAX_TOPICS = 20;
    /** What stands for all further values. */
    static final String OTHER = "other";

    private final int most;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    Labels(int most) {
        this.most = most;
    }

    synchronized String bounded(String value) {
        if (!seen.contains(value) && seen.size() >= most) {
            return OTHER;
        }
        seen.add(value);
        return value;
    }

    synchronized void forget(String value) {
        seen.remove(value);
    }
}

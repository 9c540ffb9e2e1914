package io.github.finetide.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Values of a label that users choose: the first ones keep their names, the rest share one. */
public final class Labels {
    /** Each model has about ten series in a trainer and twenty an error kind in an inference worker. */
    public static final int MAX_MODELS = 200;
    /** Of all models together; released versions come and go with the weeks. */
    public static final int MAX_VERSIONS = 1000;
    /** A deployment reads three topics. */
    static final int MAX_TOPICS = 20;
    /** What stands for all further values. */
    static final String OTHER = "other";

    private final int most;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    public Labels(int most) {
        this.most = most;
    }

    public synchronized String bounded(String value) {
        if (!seen.contains(value) && seen.size() >= most) {
            return OTHER;
        }
        seen.add(value);
        return value;
    }

    public synchronized void forget(String value) {
        seen.remove(value);
    }
}

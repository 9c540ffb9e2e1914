package io.github.finetide.runtime;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a worker lives, and whether it can do work now. Checks are asked at each request and must answer at once
 * from memory: a check that calls out would make a slow broker look like a dead worker.
 */
public final class Health {
    /** One reason why a worker might not be well. */
    @FunctionalInterface
    public interface Check {
        /** What is wrong in one sentence, or null where all is well. */
        @Nullable String problem();
    }

    private final Map<String, Check> live = new ConcurrentSkipListMap<>();
    private final Map<String, Check> ready = new ConcurrentSkipListMap<>();

    /** A check that, failing, says the process should be restarted. */
    public void live(String name, Check check) {
        live.put(name, check);
    }

    /** A check that, failing, says the worker cannot do work now. */
    public void ready(String name, Check check) {
        ready.put(name, check);
    }

    /** What is wrong with the process by name of check; empty where it lives. */
    public Map<String, String> notLive() {
        return problems(live);
    }

    /**
     * Why no work can be done, by name of check. A process that does not live is not ready, nor is one that has
     * registered no check yet: its port opens before its worker is made.
     */
    public Map<String, String> notReady() {
        Map<String, String> problems = problems(live);
        if (ready.isEmpty()) {
            problems.put("start", "the worker is still starting");
        }
        problems.putAll(problems(ready));
        return problems;
    }

    private static Map<String, String> problems(Map<String, Check> checks) {
        Map<String, String> problems = new LinkedHashMap<>();
        checks.forEach((name, check) -> {
            String problem = ask(check);
            if (problem != null) {
                problems.put(name, problem);
            }
        });
        return problems;
    }

    private static @Nullable String ask(Check check) {
        try {
            return check.problem();
        } catch (RuntimeException failed) {
            return "check failed: " + failed;
        }
    }
}

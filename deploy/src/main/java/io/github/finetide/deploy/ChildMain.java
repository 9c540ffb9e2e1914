package io.github.finetide.deploy;

import java.io.IOException;

/**
 * A worker that belongs to another process of this project: it runs the finetide command it is given and stops as
 * soon as its standard input ends, which happens whenever the parent does, even by kill -9.
 */
public final class ChildMain {
    /** A worker checkpoints and leaves its groups within 30 s of being asked to stop; after that it is stuck. */
    private static final long STOP_LIMIT_MILLIS = 45_000;

    private ChildMain() {}

    /** Runs a finetide command, given with its options. */
    public static void main(String[] args) {
        daemon("parent-watch", ChildMain::stopWithParent);
        FinetideMain.main(args);
    }

    @SuppressWarnings("SystemExitOutsideMain") // the whole purpose
    private static void stopWithParent() {
        awaitEndOfInput();
        daemon("stop-limit", ChildMain::haltAfterLimit);
        System.exit(0);
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is ever sent; only the end counts.
            }
        } catch (IOException endOfInput) {
            // A broken pipe is an end too.
        }
    }

    private static void haltAfterLimit() {
        try {
            Thread.sleep(STOP_LIMIT_MILLIS);
        } catch (InterruptedException stopsNow) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}

package io.github.finetide.trainer.progress;

import java.util.function.BooleanSupplier;

/** A place between two batches where the job obeys {@link Progress#directive}: it goes on, saves, pauses or stops. */
public final class ControlPoint {
    private final Progress progress;

    public ControlPoint(Progress progress) {
        this.progress = progress;
    }

    /**
     * Goes through, at once or when the job is resumed.
     *
     * @param save saves where the job is; false where there is nothing to save yet
     * @throws StopTrainingException on CANCEL and, after saving, on HAND_OVER
     */
    public void pass(BooleanSupplier save) {
        while (true) {
            Directive directive = progress.directive();
            switch (directive) {
                case CONTINUE -> {
                    return;
                }
                case CANCEL -> throw new StopTrainingException(directive);
                case CHECKPOINT -> {
                    if (!save.getAsBoolean()) {
                        return;
                    }
                    progress.checkpointObeyed();
                }
                case PAUSE -> {
                    boolean unused = save.getAsBoolean();
                    awaitResume();
                }
                case HAND_OVER -> {
                    boolean unused = save.getAsBoolean();
                    throw new StopTrainingException(directive);
                }
            }
        }
    }

    /** Throws as {@link #pass} where the job is to stop, and saves nothing: for places where the job waits for a store. */
    public void stopIfRequested() {
        Directive directive = progress.directive();
        if (directive == Directive.CANCEL || directive == Directive.HAND_OVER) {
            throw new StopTrainingException(directive);
        }
    }

    private void awaitResume() {
        try {
            progress.awaitResume();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StopTrainingException(Directive.HAND_OVER);
        }
    }
}

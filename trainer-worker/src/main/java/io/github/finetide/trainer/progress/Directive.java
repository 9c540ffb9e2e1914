package io.github.finetide.trainer.progress;

/** What the training loop is to do next; it is read between any two batches. */
public enum Directive {
    /** Go on. */
    CONTINUE,
    /** Stop for good: the outcome is {@link JobOutcome.Cancelled}; checkpoints stay. */
    CANCEL,
    /** Save where the loop is, then wait in {@link Progress#awaitResume()}. */
    PAUSE,
    /** Save where the loop is, then go on. Given until it is obeyed: before the first batch there is nothing to save. */
    CHECKPOINT,
    /** Save where the loop is and stop, so that another worker goes on: {@link JobOutcome.HandedOver}. */
    HAND_OVER
}

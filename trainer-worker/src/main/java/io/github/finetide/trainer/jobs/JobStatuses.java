package io.github.finetide.trainer.jobs;

/** Reads the status topic. */
interface JobStatuses {
    /** What can be seen at once, of some jobs perhaps not the newest. */
    StatusView glance();

    /** Everything that any owner published before this was called; may take until somebody's transaction ends. */
    StatusView current();
}

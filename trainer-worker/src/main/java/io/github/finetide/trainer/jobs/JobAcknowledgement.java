package io.github.finetide.trainer.jobs;

/** What becomes of a job's record in the queue. */
enum JobAcknowledgement {
    /** The job has its final status: the record is accepted. */
    DONE,
    /** Somebody else shall go on with it, at once. */
    RELEASED,
    /** The job has another owner, or that is unknown: this worker says nothing about the record. */
    LOST
}

package io.github.finetide.trainer.jobs;

/** Makes an ownership of a job that is not taken yet. */
@FunctionalInterface
interface OwnershipClaims {
    /**
     * An ownership that is not taken yet.
     *
     * @param check finds out what was committed, where the owner cannot know any more
     */
    JobOwnership of(String jobId, Transactions.CommitCheck check);
}

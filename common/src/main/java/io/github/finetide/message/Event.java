package io.github.finetide.message;

/** What workers publish. Read leniently: a newer worker may add fields. */
public sealed interface Event
        permits JobStatus,
                EpochMetrics,
                CheckpointSaved,
                DatasetFindings,
                ModelRelease,
                ClassificationResult,
                FeatureRequest,
                FeatureResult,
                ClassificationDisagreement {
    /** The record key. */
    String key();

    /** CloudEvents id: the same for the same fact, so that a repeat after a crash can be recognised. */
    String id();

    /** CloudEvents subject: the job, model or request that the event is about. */
    default String subject() {
        return key();
    }

    /** CloudEvents type. */
    String type();
}

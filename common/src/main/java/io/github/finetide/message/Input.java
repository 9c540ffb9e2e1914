package io.github.finetide.message;

/** What users write. Read strictly: an unknown field is an error. */
public sealed interface Input permits TrainingJob, TrainingCommand, ClassificationRequest, ModelRelease {}

package io.github.finetide.trainer.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.kafka.DeadLetters;
import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.DatasetFindings;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingCounts;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.SweepVariant;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.EpochScores;
import io.github.finetide.store.Found;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.FoldResult;
import io.github.finetide.trainer.progress.ReviewedData;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.progress.VariantResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What this worker publishes in answer to one record of the job queue.
 *
 * @param topicId Kafka's id of the job's topic
 * @param cause the job's record, whose headers are passed on
 */
record JobRecords(Topics topics, String worker, String topicId, ConsumerRecord<byte[], byte[]> cause) {
    /** What the user reads whose other job of that name has a result that stays. */
    static String refusedNamesake(long offset) {
        return "the record at offset " + offset
                + " has this jobId and another content and was refused; submit it under a jobId of its own";
    }

    /** A header of the job's record; null where it has none of that name. */
    @Nullable String header(String name) {
        Header header = cause.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
    }

    StatusView.Place place() {
        return new StatusView.Place(topicId, cause.offset());
    }

    /** The queue drops a record that was handed out too often: before, a new one takes its place. Two may still die. */
    static final int LAST_DELIVERY = GroupAdmin.DELIVERY_COUNT_LIMIT - 2;

    /** They come with every status, every two seconds, and a record has 1 MB. */
    private static final int MAX_HEADER_BYTES = 64 << 10;

    /** Whether the queue may drop the record when it is handed back some more times. */
    boolean isLastDelivery() {
        return cause.deliveryCount().orElse((short) 1) >= LAST_DELIVERY;
    }

    /**
     * When the job's record, or the one that it takes the place of, came to the broker. Anybody can write the header, and
     * a time in the future would make the job ignore commands: it counts only where it lies before the record itself.
     */
    Instant queuedAt() {
        Header header = cause.headers().lastHeader(EventRecords.FIRST_QUEUED);
        String text = header == null || header.value() == null ? "" : new String(header.value(), UTF_8);
        long first = text.matches("[0-9]{1,15}") ? Long.parseLong(text) : cause.timestamp();
        return Instant.ofEpochMilli(Math.min(first, cause.timestamp()));
    }

    /** When this record came to the broker. */
    Instant sentAt() {
        return Instant.ofEpochMilli(cause.timestamp());
    }

    /** The user's headers; none where they are so large that a status with them would not be taken. */
    private @Nullable Headers passedOn() {
        long bytes = 0;
        for (Header header : cause.headers()) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes <= MAX_HEADER_BYTES ? cause.headers() : null;
    }

    /** The job's record once more, for the end of the queue; it still counts as queued when the first one was. */
    ProducerRecord<byte[], byte[]> again() {
        Headers headers = new RecordHeaders(cause.headers());
        headers.remove(EventRecords.FIRST_QUEUED);
        headers.add(
                EventRecords.FIRST_QUEUED,
                Long.toString(queuedAt().toEpochMilli()).getBytes(UTF_8));
        return new ProducerRecord<>(topics.trainingJobs(), null, null, cause.key(), cause.value(), headers);
    }

    ProducerRecord<byte[], byte[]> status(JobStatus status) {
        return EventRecords.of(topics.trainingStatus(), status, worker, passedOn());
    }

    /** An epoch's metrics and its checkpoint. */
    List<ProducerRecord<byte[], byte[]>> epoch(TrainingJob job, EpochResult result, Instant at) {
        return List.of(
                metrics(metrics(job, result, at, null, null)),
                EventRecords.of(topics.trainingCheckpoints(), checkpoint(job, result, at), worker, passedOn()));
    }

    /** The checkpoint to be released once more, with what was measured. */
    ProducerRecord<byte[], byte[]> measured(TrainingJob job, Found found, Instant at) {
        CheckpointManifest manifest = found.manifest();
        EpochScores last = manifest.last().orElseThrow();
        CheckpointSaved saved = new CheckpointSaved(
                job.jobId(),
                job.model(),
                manifest.epoch(),
                found.saved().uri(),
                found.saved().digest(),
                found.saved().sizeBytes(),
                last.validation().scores(),
                manifest.isBest(),
                job.network(),
                manifest.weightsDigest(),
                manifest.precisions(),
                manifest.confidence(),
                shown(manifest.classWeights()),
                manifest.crossValidation(),
                at);
        return EventRecords.of(topics.trainingCheckpoints(), saved, worker, passedOn());
    }

    /** What is doubtful in the job's images. */
    ProducerRecord<byte[], byte[]> findings(TrainingJob job, ReviewedData found, Instant at) {
        List<Finding> first = found.findings()
                .subList(0, Math.min(DatasetFindings.MOST, found.findings().size()));
        DatasetFindings event = new DatasetFindings(
                job.jobId(), job.model(), FindingCounts.of(found.findings()), first, found.uri(), at);
        return EventRecords.of(topics.trainingFindings(), event, worker, passedOn());
    }

    ProducerRecord<byte[], byte[]> release(ModelRelease release) {
        return EventRecords.of(topics.modelReleases(), release, worker, passedOn());
    }

    ProducerRecord<byte[], byte[]> deadLetter(FaultException why, int attempts) {
        return DeadLetters.of(cause, topicId, why, attempts);
    }

    /** Metrics of the epochs of a variant; without matrix and classes: there may be 1,000 variants. */
    List<ProducerRecord<byte[], byte[]>> variant(TrainingJob job, VariantResult result, Instant at) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        result.epochs().forEach(epoch -> records.add(metrics(metrics(job, epoch, at, result.variant(), null))));
        result.folds().forEach(fold -> records.addAll(fold(job, fold, result.variant(), at)));
        return records;
    }

    /** Metrics of the epochs of a fold, of a variant where it is of one. */
    List<ProducerRecord<byte[], byte[]>> fold(
            TrainingJob job, FoldResult result, @Nullable SweepVariant variant, Instant at) {
        return result.epochs().stream()
                .map(epoch -> metrics(metrics(job, epoch, at, variant, result.fold())))
                .toList();
    }

    private ProducerRecord<byte[], byte[]> metrics(EpochMetrics metrics) {
        return EventRecords.of(topics.trainingMetrics(), metrics, worker, passedOn());
    }

    private EpochMetrics metrics(
            TrainingJob job, EpochResult result, Instant at, @Nullable SweepVariant variant, @Nullable Integer fold) {
        boolean isTrial = variant != null || fold != null;
        return new EpochMetrics(
                job.jobId(),
                job.model(),
                result.epoch(),
                result.epochs(),
                result.train(),
                result.validation().scores(),
                isTrial ? null : result.validation().confusionMatrix(),
                isTrial ? null : result.validation().perClass(),
                result.learningRate(),
                result.isBest(),
                result.best(),
                result.duration().toMillis() / 1000.0,
                result.imagesPerSecond(),
                worker,
                at,
                variant == null ? null : variant.variant(),
                variant == null ? null : variant.values(),
                fold);
    }

    private static CheckpointSaved checkpoint(TrainingJob job, EpochResult result, Instant at) {
        SavedCheckpoint saved = result.checkpoint();
        return new CheckpointSaved(
                job.jobId(),
                job.model(),
                result.epoch(),
                saved.uri(),
                saved.digest(),
                saved.sizeBytes(),
                result.validation().scores().scores(),
                result.isBest(),
                job.network(),
                result.weightsDigest(),
                null,
                null,
                shown(result.classWeights()),
                null,
                at);
    }

    /** A list of more classes would not fit into a record. */
    private static @Nullable List<Double> shown(@Nullable List<Double> classWeights) {
        return classWeights == null || classWeights.size() > EpochMetrics.MAX_CLASS_SCORES ? null : classWeights;
    }
}

package io.github.finetide.trainer.jobs;

import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.jobs.Transactions.CommitState;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Finds out from the status topic who owns a job's record: every owner publishes a status before anything else, and everything
 * that an owner publishes has a status in its transaction.
 *
 * @param statuses reads the topic to its end
 * @param place of the job's record
 */
record StatusTopicCheck(
        Supplier<StatusView> statuses, String topic, TrainingJob job, String digest, StatusView.Place place)
        implements Transactions.CommitCheck {

    @Override
    public CommitState of(List<ProducerRecord<byte[], byte[]>> records) {
        Optional<JobStatus> mine = status(records);
        if (mine.isEmpty()) {
            return CommitState.ANOTHER; // unknown: whoever gets the record finds out
        }
        StatusView view = statuses.get();
        if (view.isSuperseded(job, digest, place)) { // produced again: the newer record's owner has the job
            return CommitState.ANOTHER;
        }
        Optional<JobStatus> last = view.of(job.jobId(), place);
        if (last.filter(status -> sameAttempt(status, mine.get())).isPresent()) {
            return last.get().sequence() >= mine.get().sequence() ? CommitState.COMMITTED : CommitState.NOTHING;
        }
        boolean another =
                last.filter(status -> status.attempt() >= mine.get().attempt()).isPresent()
                        || view.judge(job, digest, place) != StatusView.Verdict.RUN;
        return another ? CommitState.ANOTHER : CommitState.NOTHING;
    }

    private static boolean sameAttempt(JobStatus a, JobStatus b) {
        return a.attempt() == b.attempt() && String.valueOf(a.worker()).equals(b.worker());
    }

    private Optional<JobStatus> status(List<ProducerRecord<byte[], byte[]>> records) {
        return records.stream()
                .filter(record -> record.topic().equals(topic))
                .map(record -> Json.read(record.value(), JobStatus.class))
                .findFirst();
    }
}

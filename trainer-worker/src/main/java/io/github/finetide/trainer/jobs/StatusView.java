package io.github.finetide.trainer.jobs;

import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.WeightsFrom;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** What is known of jobs, by the offset of their record: one jobId can be produced more than once. */
final class StatusView {
    /** Reads the status topic. */
    interface Source {
        /** What can be seen at once, of some jobs perhaps not the newest. */
        StatusView glance();

        /** Everything that any owner published before this was called; may take until somebody's transaction ends. */
        StatusView current();
    }

    /** What to do with a job's record. */
    enum Verdict {
        /** Train. */
        RUN,
        /** This record has its final status: it was only delivered again. */
        ENDED,
        /** A newer record of the same job took its place. */
        SUPERSEDED,
        /** The same job was done before: publish its result again. */
        DONE_BEFORE,
        /** The name belongs to another job that has results or runs. */
        NAME_TAKEN
    }

    private final Map<String, TreeMap<Place, JobStatus>> statuses = new HashMap<>();

    /** Of names with one record, which ended: the offset of its final status. */
    private final Map<String, Long> ended = new HashMap<>();

    private final Function<Long, Optional<JobStatus>> again;

    /**
     * Nothing is known yet.
     *
     * @param again reads a status once more, by its offset in the status topic; empty where newer ones took its place
     */
    StatusView(Function<Long, Optional<JobStatus>> again) {
        this.again = again;
    }

    /**
     * Where a job's record is.
     *
     * @param topicId of the topic, which may have been made anew; empty in statuses of earlier versions
     */
    record Place(String topicId, long offset) implements Comparable<Place> {
        static Place of(JobStatus status) {
            return new Place(Objects.requireNonNullElse(status.jobTopicId(), ""), offsetOf(status));
        }

        /** Whether the other record came later to the same topic. */
        boolean isBefore(Place other) {
            return offset < other.offset && isInTopicOf(other);
        }

        private boolean isInTopicOf(Place other) {
            return topicId.isEmpty() || other.topicId.isEmpty() || topicId.equals(other.topicId);
        }

        @Override
        public int compareTo(Place other) {
            return Comparator.comparingLong(Place::offset)
                    .thenComparing(Place::topicId)
                    .compare(this, other);
        }
    }

    /**
     * Takes a status in, in the order of the topic. Of a job that ended no more than the place of its status is kept, as
     * long as nothing else has its name: there is one more with every job that ever was.
     *
     * @param offset of the status in its topic
     */
    void add(JobStatus status, long offset) {
        if (status.jobOffset() == null || status.jobDigest() == null) {
            return;
        }
        TreeMap<Place, JobStatus> last = statuses.computeIfAbsent(status.jobId(), id -> new TreeMap<>());
        last.put(Place.of(status), status);
        if (status.state().isFinal() && last.size() == 1 && !ended.containsKey(status.jobId())) {
            statuses.remove(status.jobId());
            ended.put(status.jobId(), offset);
        }
    }

    /** Takes a name's statuses out: somebody deleted them. */
    void forget(String jobId) {
        statuses.remove(jobId);
        ended.remove(jobId);
    }

    /** How many statuses are held in memory. */
    int held() {
        return statuses.values().stream().mapToInt(Map::size).sum();
    }

    /** The last status of this very record. */
    Optional<JobStatus> of(String jobId, Place place) {
        JobStatus known = all(jobId).get(place);
        return Optional.ofNullable(known == null ? all(jobId).get(new Place("", place.offset())) : known);
    }

    /** Whether a newer record of the same job took this one's place. */
    boolean isSuperseded(TrainingJob job, String digest, Place place) {
        return same(job, digest).stream().anyMatch(status -> place.isBefore(Place.of(status)));
    }

    Verdict judge(TrainingJob job, String digest, Place place) {
        if (of(job.jobId(), place).map(status -> status.state().isFinal()).orElse(false)) {
            return Verdict.ENDED;
        } else if (isSuperseded(job, digest, place)) {
            return Verdict.SUPERSEDED;
        } else if (doneBefore(job, digest).isPresent()) {
            return Verdict.DONE_BEFORE;
        }
        boolean taken = all(job.jobId()).values().stream()
                .anyMatch(status -> !digest.equals(status.jobDigest()) && holdsName(status));
        return taken ? Verdict.NAME_TAKEN : Verdict.RUN;
    }

    /** The result of the same job under an earlier record. */
    Optional<JobStatus> doneBefore(TrainingJob job, String digest) {
        return same(job, digest).stream()
                .filter(status -> status.state() == JobState.SUCCEEDED)
                .findFirst();
    }

    /** What the weights of a model meant when this job was first taken, under whatever record. */
    Optional<WeightsFrom> weightsFrom(TrainingJob job, String digest) {
        return same(job, digest).stream()
                .flatMap(status -> Optional.ofNullable(status.weightsFrom()).stream())
                .findFirst();
    }

    /** The last epoch of this job whose events were published, under whatever record: a repeat publishes the rest. */
    int publishedEpochs(TrainingJob job, String digest) {
        return same(job, digest).stream().mapToInt(JobStatus::epoch).max().orElse(0);
    }

    /** The status that shall stay the last one of a name: of an ended job with results. */
    Optional<JobStatus> lastingStatus(String jobId) {
        return all(jobId).values().stream()
                .filter(status -> status.state().isFinal() && status.epoch() > 0)
                .max(Comparator.comparing(JobStatus::updatedAt));
    }

    /** Every last status of the records of a name, oldest record first. */
    Map<Place, JobStatus> all(String jobId) {
        TreeMap<Place, JobStatus> all = new TreeMap<>();
        Optional.ofNullable(ended.get(jobId))
                .flatMap(again)
                .filter(status -> status.jobId().equals(jobId)) // not another's, where the topic was made anew
                .ifPresent(status -> all.put(Place.of(status), status));
        all.putAll(statuses.getOrDefault(jobId, new TreeMap<>()));
        return all;
    }

    /** What a status says of the records that were refused because its job has their name. */
    List<String> namesakes(String jobId, String digest) {
        return all(jobId).values().stream()
                .filter(status -> !digest.equals(status.jobDigest()) && status.state() == JobState.FAILED)
                .filter(status -> status.epoch() == 0)
                .map(status -> JobRecords.refusedNamesake(offsetOf(status)))
                .toList();
    }

    private Collection<JobStatus> same(TrainingJob job, String digest) {
        return all(job.jobId()).values().stream()
                .filter(status -> digest.equals(status.jobDigest()))
                .toList();
    }

    /** A job that was refused or ended before its first epoch left nothing behind: its name is free. */
    private static boolean holdsName(JobStatus status) {
        return !status.state().isFinal() || status.epoch() > 0;
    }

    private static long offsetOf(JobStatus status) {
        return Objects.requireNonNull(status.jobOffset());
    }
}

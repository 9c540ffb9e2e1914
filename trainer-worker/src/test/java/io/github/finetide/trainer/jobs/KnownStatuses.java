package io.github.finetide.trainer.jobs;

import io.github.finetide.message.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A status topic in memory, and the view of it. */
final class KnownStatuses {
    private final List<JobStatus> topic = new ArrayList<>();
    private final StatusView view = new StatusView(offset -> Optional.of(topic.get(offset.intValue())));

    StatusView view() {
        return view;
    }

    void add(JobStatus status) {
        topic.add(status);
        view.add(status, topic.size() - 1);
    }
}

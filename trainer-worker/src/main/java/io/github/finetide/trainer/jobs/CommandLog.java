package io.github.finetide.trainer.jobs;

import io.github.finetide.message.Command;
import io.github.finetide.message.TrainingCommand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All commands, by job. Written by one thread, read by another. */
final class CommandLog {
    /**
     * What was asked of a job since its record was written.
     *
     * @param checkpoints how many were asked for
     */
    record Wishes(boolean cancel, boolean pause, int checkpoints) {}

    private record Entry(Instant at, Command command) {}

    private final Map<String, List<Entry>> entries = new HashMap<>();

    /**
     * Adds a command, in the order of the topic.
     *
     * @param at when the broker got it
     */
    synchronized void add(TrainingCommand command, Instant at) {
        entries.computeIfAbsent(command.jobId(), id -> new ArrayList<>()).add(new Entry(at, command.command()));
    }

    /** What is asked of the job whose record the broker got then; what was asked before was meant for another one. */
    synchronized Wishes of(String jobId, Instant since) {
        boolean cancel = false;
        boolean pause = false;
        int checkpoints = 0;
        for (Entry entry : entries.getOrDefault(jobId, List.of())) {
            if (!entry.at().isBefore(since)) {
                cancel |= entry.command() == Command.CANCEL;
                pause = entry.command() == Command.PAUSE || (pause && entry.command() != Command.RESUME);
                checkpoints += entry.command() == Command.CHECKPOINT ? 1 : 0;
            }
        }
        return new Wishes(cancel, pause, checkpoints);
    }
}

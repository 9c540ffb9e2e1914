package io.github.finetide.message;

import java.net.URI;
import java.time.Instant;
import java.util.List;

/**
 * What a finished job found doubtful in its images.
 *
 * @param counts of all findings
 * @param findings the first of them, at most {@link #MOST}
 * @param uri of the file with all of them, {@code findings.jsonl} in the checkpoint's folder
 */
public record DatasetFindings(
        String jobId, String model, FindingCounts counts, List<Finding> findings, URI uri, Instant at)
        implements Event {

    /** About 50 KB in an event; the file has all. */
    public static final int MOST = 100;

    public DatasetFindings {
        Check.id("jobId", jobId);
        Check.id("model", model);
        Check.range("findings", findings.size(), 0, MOST);
        findings = List.copyOf(findings);
        Check.uri("uri", uri, ModelRelease.SCHEMES);
        at = Check.time("at", at);
    }

    @Override
    public String key() {
        return jobId;
    }

    @Override
    public String id() {
        return jobId + "/findings";
    }

    @Override
    public String type() {
        return "io.github.finetide.message.DatasetFindings";
    }
}

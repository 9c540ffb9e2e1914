package io.github.finetide.trainer.progress;

import io.github.finetide.message.Finding;
import java.net.URI;
import java.util.List;

/**
 * What was found doubtful in a job's images.
 *
 * @param uri of the file that has it
 */
public record ReviewedData(List<Finding> findings, URI uri) {
    public ReviewedData {
        findings = List.copyOf(findings);
    }
}

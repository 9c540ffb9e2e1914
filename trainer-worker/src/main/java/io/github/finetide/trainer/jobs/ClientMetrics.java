package io.github.finetide.trainer.jobs;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Metrics bound to clients, unbound together; those of the queue's member change with it. */
final class ClientMetrics implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClientMetrics.class);

    private final List<AutoCloseable> all;
    private @Nullable AutoCloseable member;

    ClientMetrics(AutoCloseable... all) {
        this.all = new ArrayList<>(List.of(all));
    }

    void replaceMember(AutoCloseable next) {
        if (member != null) {
            close(member);
        }
        member = next;
    }

    @Override
    public void close() {
        all.forEach(ClientMetrics::close);
        if (member != null) {
            close(member);
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            log.atWarn().addKeyValue("reason", e.toString()).log("Metrics of a closed client stay");
        }
    }
}

package io.github.finetide.deploy.rights;

import java.util.List;
import java.util.Locale;

/** In which form topics and rights are printed. */
public enum Printout {
    ACLS,
    STRIMZI,
    SCRIPT;

    public List<String> lines(Listing listing) {
        return switch (this) {
            case ACLS -> KafkaScript.acls(listing);
            case STRIMZI -> Strimzi.resources(listing);
            case SCRIPT -> KafkaScript.topics(listing);
        };
    }

    /** As {@code --print} takes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

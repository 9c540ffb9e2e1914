package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.clients.NodeApiVersions;
import org.apache.kafka.common.feature.SupportedVersionRange;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;

/** Which brokers are new enough, and which release one seems to be: brokers say no number. */
final class BrokerVersions {
    /** With share groups that renew a record's lock and hand out one record at a time. */
    static final String NEEDED = "Kafka 4.2 or newer";

    /** Came with {@link #NEEDED}. */
    private static final short SHARE_FETCH_VERSION = 2;

    private static final String SHARE_GROUPS = "share.version";
    private static final String METADATA = "metadata.version";

    /** The highest metadata.version of the releases that are too old. */
    private static final NavigableMap<Integer, String> RELEASES =
            new TreeMap<>(Map.of(19, "3.7 or older", 20, "3.8", 21, "3.9", 25, "4.0", 27, "4.1"));

    private BrokerVersions() {}

    /** @throws FaultException INVALID, naming what is needed and what was found */
    static void require(NodeApiVersions found) {
        ApiVersion shareFetch = found.apiVersion(ApiKeys.SHARE_FETCH);
        if (shareFetch == null || shareFetch.maxVersion() < SHARE_FETCH_VERSION) {
            throw new FaultException(
                    ErrorKind.INVALID, "%s is needed; these brokers are %s".formatted(NEEDED, release(found)));
        }
        Short shareGroups = found.finalizedFeatures().get(SHARE_GROUPS);
        if (found.supportedFeatures().containsKey(SHARE_GROUPS) && (shareGroups == null || shareGroups < 1)) {
            throw new FaultException(
                    ErrorKind.INVALID,
                    "share groups are switched off on these brokers; switch them on by"
                            + " kafka-features.sh upgrade --feature share.version=1");
        }
    }

    private static String release(NodeApiVersions found) {
        SupportedVersionRange metadata = found.supportedFeatures().get(METADATA);
        if (metadata == null) {
            return "older";
        }
        Map.Entry<Integer, String> release = RELEASES.ceilingEntry((int) metadata.max());
        return release == null ? "older, or a preview" : "Kafka " + release.getValue();
    }
}

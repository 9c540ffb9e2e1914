package io.github.finetide.inference.requests;

import java.util.Base64;
import java.util.BitSet;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * What the group's committed offset says of a partition: every offset before {@code base} is
 * answered, and of those behind it the ones named. The latter travel in the offset's metadata, so a
 * request that is retried holds up no other of its partition, and a successor repeats none.
 *
 * @param base the lowest offset that is not answered
 * @param answered offsets beyond it that are
 * @param holding whose partition it is
 * @param topicId of the topic that the offsets are of, which may have been made anew; empty in commits of earlier
 *     versions
 */
record CommittedOffsets(long base, NavigableSet<Long> answered, Holding holding, String topicId) {
    /** In offsets from the base; a bit each makes 2,731 characters, where a broker allows 4,096 bytes. */
    static final int WINDOW = 16_384;

    private static final String MARK = "answered:";

    private static final String TOPIC_MARK = "topic:";

    private static final String SEPARATOR = ";";

    CommittedOffsets(long base, NavigableSet<Long> answered) {
        this(base, answered, Holding.NONE, "");
    }

    static CommittedOffsets of(OffsetAndMetadata committed) {
        NavigableSet<Long> answered = new TreeSet<>();
        Holding holding = Holding.NONE;
        String topicId = "";
        for (String part : committed.metadata().split(SEPARATOR, -1)) {
            if (part.startsWith(MARK)) {
                answered = decode(committed.offset(), part);
            } else if (part.startsWith(Holding.MARK)) {
                holding = Holding.decoded(part);
            } else if (part.startsWith(TOPIC_MARK)) {
                topicId = part.substring(TOPIC_MARK.length());
            }
        }
        return new CommittedOffsets(committed.offset(), answered, holding, topicId);
    }

    /** Whether they are about this topic, and not about one that had its name before. */
    boolean isOf(String id) {
        return topicId.isEmpty() || topicId.equals(id);
    }

    /** Whether the metadata has room for this offset. */
    static boolean fits(long base, long offset) {
        return offset - base < WINDOW;
    }

    OffsetAndMetadata toCommit() {
        return new OffsetAndMetadata(
                base,
                Stream.of(
                                answered.isEmpty() ? "" : MARK + encode(base, answered),
                                holding.encoded(),
                                topicId.isEmpty() ? "" : TOPIC_MARK + topicId)
                        .filter(part -> !part.isEmpty())
                        .collect(Collectors.joining(SEPARATOR)));
    }

    private static String encode(long base, Collection<Long> answered) {
        BitSet bits = new BitSet(WINDOW);
        answered.forEach(offset -> bits.set(Math.toIntExact(offset - base)));
        return Base64.getEncoder().withoutPadding().encodeToString(bits.toByteArray());
    }

    /** Metadata of another tool says nothing about answers. */
    private static NavigableSet<Long> decode(long base, String part) {
        NavigableSet<Long> answered = new TreeSet<>();
        try {
            BitSet.valueOf(Base64.getDecoder().decode(part.substring(MARK.length()))).stream()
                    .forEach(bit -> answered.add(base + bit));
        } catch (IllegalArgumentException notOurs) {
            answered.clear();
        }
        return answered;
    }
}

package io.github.finetide.inference.requests;

import java.util.Base64;
import java.util.BitSet;
import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * What the group's committed offset says of a partition: every offset before {@code base} is
 * answered, and of those behind it the ones named. The latter travel in the offset's metadata, so a
 * request that is retried holds up no other of its partition, and a successor repeats none.
 *
 * @param base the lowest offset that is not answered
 * @param answered offsets beyond it that are
 */
record CommittedOffsets(long base, NavigableSet<Long> answered) {
    /** In offsets from the base; a bit each makes 2,731 characters, where a broker allows 4,096 bytes. */
    static final int WINDOW = 16_384;

    private static final String MARK = "answered:";

    static CommittedOffsets of(OffsetAndMetadata committed) {
        return new CommittedOffsets(committed.offset(), decode(committed.offset(), committed.metadata()));
    }

    /** Whether the metadata has room for this offset. */
    static boolean fits(long base, long offset) {
        return offset - base < WINDOW;
    }

    OffsetAndMetadata toCommit() {
        return new OffsetAndMetadata(base, answered.isEmpty() ? "" : MARK + encode(base, answered));
    }

    private static String encode(long base, Collection<Long> answered) {
        BitSet bits = new BitSet(WINDOW);
        answered.forEach(offset -> bits.set(Math.toIntExact(offset - base)));
        return Base64.getEncoder().withoutPadding().encodeToString(bits.toByteArray());
    }

    /** Metadata of another tool (or none) says nothing about answers. */
    private static NavigableSet<Long> decode(long base, String metadata) {
        NavigableSet<Long> answered = new TreeSet<>();
        if (metadata.startsWith(MARK)) {
            try {
                BitSet.valueOf(Base64.getDecoder().decode(metadata.substring(MARK.length()))).stream()
                        .forEach(bit -> answered.add(base + bit));
            } catch (IllegalArgumentException notOurs) {
                answered.clear();
            }
        }
        return answered;
    }
}

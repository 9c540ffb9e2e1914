package io.github.finetide.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every message survives the wire, and damage on the wire is always named. */
class RoundTripTest {
    private static final int ROUNDS = 100;

    private final long seed = seed();

    /** Printed, so that a failure can be repeated with -Dfinetide.seed. */
    private static long seed() {
        long seed = Long.getLong("finetide.seed", System.nanoTime());
        System.out.println("seed " + seed);
        return seed;
    }

    @Test
    void everyMessageSurvivesTheWire() {
        RandomMessages messages = new RandomMessages(seed);
        for (int round = 0; round < ROUNDS; round++) {
            for (Object message : messages.oneOfEach()) {
                byte[] bytes = Json.write(message);
                assertThat(Json.read(bytes, message.getClass())).as(as(bytes)).isEqualTo(message);
                assertThat(Json.write(Json.read(bytes, message.getClass()))).isEqualTo(bytes);
            }
        }
    }

    @Test
    void resultsAreReadByTheirStatus() {
        RandomMessages messages = new RandomMessages(seed);
        for (ClassificationResult result : List.of(messages.classified(), messages.rejected())) {
            assertThat(Json.read(Json.write(result), ClassificationResult.class))
                    .isEqualTo(result);
        }
    }

    @Test
    void damagedBytesGiveAValidMessageOrAFault() {
        Random random = new Random(seed);
        RandomMessages messages = new RandomMessages(seed);
        int faults = 0;
        int rounds = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (Object message : messages.oneOfEach()) {
                byte[] damaged = damaged(Json.write(message), random);
                faults += isFault(damaged, message.getClass()) ? 1 : 0;
                rounds++;
            }
        }
        assertThat(faults).as("of %s damaged messages", rounds).isBetween(rounds / 4, rounds - 1);
    }

    @Test
    void whomToAnswerIsReadFromDamagedBytes() {
        Random random = new Random(seed);
        RandomMessages messages = new RandomMessages(seed);
        for (int round = 0; round < ROUNDS; round++) {
            TrainingJob job = messages.job();
            byte[] bytes = Json.write(job);
            int end = new String(bytes, UTF_8).indexOf(",") + random.nextInt(20);
            assertThat(Json.peek(Arrays.copyOf(bytes, end), "jobId")).contains(job.jobId());
            assertThat(Json.peek(damaged(bytes, random), "nothing")).isEmpty();
        }
    }

    private static byte[] damaged(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        int hits = 1 + random.nextInt(3);
        for (int hit = 0; hit < hits; hit++) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(damaged, random.nextInt(damaged.length + 1)) : damaged;
    }

    private static boolean isFault(byte[] bytes, Class<?> type) {
        try {
            Object message = Json.read(bytes, type);
            assertThat(Json.read(Json.write(message), type)).as(as(bytes)).isEqualTo(message);
            return false;
        } catch (FaultException e) {
            assertThat(e.kind()).as(as(bytes)).isIn(ErrorKind.MALFORMED, ErrorKind.INVALID);
            assertThat(e.getMessage()).isNotBlank();
            return true;
        }
    }

    private static String as(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}

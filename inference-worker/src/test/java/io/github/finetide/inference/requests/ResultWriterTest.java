package io.github.finetide.inference.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.model.Fakes.FakeBackbone;
import io.github.finetide.inference.model.Fakes.FakeModel;
import io.github.finetide.inference.model.Lease;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.pipeline.BatchTimes;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResultWriterTest {
    private static final ModelInfo INFO = new ModelInfo("dishes", "job@3", List.of("soup", "cake"), 1, Precision.FP32);

    private final ResultWriter writer = new ResultWriter("worker-1", InstantSource.fixed(Fakes.NOW));
    private final PartitionLedger ledger = new PartitionLedger(null);
    private final PolledRequest work = Fakes.work(Fakes.request("dishes", null));

    @Test
    void classifiedNamesTheVersionThatAnsweredAndWhatTheTimeWentInto() {
        RequestResult answer = writer.classified(prepared(2), INFO, new float[] {0.25f, 0.75f}, times());

        assertThat(answer.result()).isInstanceOfSatisfying(Classified.class, result -> {
            assertThat(result.requestId()).isEqualTo("r1");
            assertThat(result.version()).isEqualTo("job@3");
            assertThat(result.worker()).isEqualTo("worker-1");
            assertThat(result.at()).isEqualTo(Fakes.NOW);
            assertThat(result.predictions().get(0).label()).isEqualTo("cake");
            assertThat(result.predictions().get(0).probability()).isEqualTo(0.75);
            assertThat(result.timings().fetchMillis()).isEqualTo(7);
            assertThat(result.timings().decodeMillis()).isEqualTo(8);
            assertThat(result.timings().inferenceMillis()).isEqualTo(9);
        });
        assertThat(answer.fault()).isNull();
        assertThat(answer.isDeadLetter()).isFalse();
        assertThat(answer.attempts()).isEqualTo(2);
    }

    @Test
    void answerThatIsNotFiniteIsNoAnswer() {
        RequestResult answer = writer.classified(prepared(1), INFO, new float[] {Float.NaN, 1}, times());

        assertThat(answer.result())
                .isInstanceOfSatisfying(
                        Rejected.class,
                        result -> assertThat(result.error().kind()).isEqualTo(ErrorKind.INTERNAL));
        assertThat(answer.isDeadLetter()).isTrue();
    }

    @Test
    void whatCameTooLateIsNoDeadLetter() {
        assertThat(rejected(ErrorKind.EXPIRED).isDeadLetter()).isFalse();
        assertThat(rejected(ErrorKind.UNAVAILABLE).isDeadLetter()).isTrue();
    }

    @Test
    void damagedRequestIsAnsweredToWhoeverCanBeMadeOut() {
        RequestResult answer = unreadable("{\"requestId\": \"r7\", \"image\": \"file:///a.png\", \"model\"");

        assertThat(answer.result()).isInstanceOfSatisfying(Rejected.class, result -> {
            assertThat(result.requestId()).isEqualTo("r7");
            assertThat(result.image()).isEqualTo("file:///a.png");
            assertThat(result.error().kind()).isEqualTo(ErrorKind.MALFORMED);
        });
        assertThat(answer.isDeadLetter()).isTrue();
    }

    @Test
    void whatNamesNobodyIsADeadLetterAlone() {
        for (String value : new String[] {"", "[]", "{\"requestId\": 7}", "\u0000\u0001"}) {
            assertThat(unreadable(value).result()).as(value).isNull();
            assertThat(unreadable(value).isDeadLetter()).as(value).isTrue();
        }
        assertThat(unreadable(null).result()).isNull();
    }

    private RequestResult rejected(ErrorKind kind) {
        return writer.rejected(work, PreparationTimings.attempt(1), new FaultException(kind, "why"));
    }

    private RequestResult unreadable(@Nullable String value) {
        byte[] bytes = value == null ? null : value.getBytes(UTF_8);
        FaultException why = new FaultException(ErrorKind.MALFORMED, "no JSON");
        return writer.unreadable(new ConsumerRecord<>("requests", 0, 0, new byte[0], bytes), ledger, why);
    }

    private Prepared prepared(int attempts) {
        Lease lease = new Lease(new FakeModel(INFO, new FakeBackbone(1), () -> {}), () -> {});
        return new Prepared(work, lease, new Pixels(1, 1, new byte[3]), new PreparationTimings(attempts, 7, 8), 3, 0);
    }

    private static BatchTimes times() {
        return new BatchTimes(1_000_000, 9);
    }
}

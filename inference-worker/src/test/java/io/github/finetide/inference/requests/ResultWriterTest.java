package io.github.finetide.inference.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.model.Fakes.FakeBackbone;
import io.github.finetide.inference.model.Fakes.FakeModel;
import io.github.finetide.inference.model.Lease;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.pipeline.BatchTimes;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.message.BeforeAfter;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.Decision;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResultWriterTest {
    private static final ModelInfo INFO = new ModelInfo("dishes", "job@3", List.of("soup", "cake"), 1, Precision.FP32);

    private final List<RequestResult> written = new ArrayList<>();
    private final ResultWriter writer =
            new ResultWriter("worker-1", InstantSource.fixed(Fakes.NOW), result -> written.add(result.get()));
    private final PolledRequest polled =
            new PolledRequest(Places.first(), Fakes.request("dishes", null), Fakes.NOW, writer);

    @Test
    void classifiedNamesTheVersionThatAnsweredAndWhatTheTimeWentInto() {
        RequestResult result = classified(prepared(2), 0.25f, 0.75f);

        assertThat(result.result()).isInstanceOfSatisfying(Classified.class, event -> {
            assertThat(event.requestId()).isEqualTo("r1");
            assertThat(event.version()).isEqualTo("job@3");
            assertThat(event.worker()).isEqualTo("worker-1");
            assertThat(event.at()).isEqualTo(Fakes.NOW);
            assertThat(event.predictions().get(0).label()).isEqualTo("cake");
            assertThat(event.predictions().get(0).probability()).isEqualTo(0.75);
            assertThat(event.timings().fetchMillis()).isEqualTo(7);
            assertThat(event.timings().decodeMillis()).isEqualTo(8);
            assertThat(event.timings().inferenceMillis()).isEqualTo(9);
        });
        assertThat(result.fault()).isNull();
        assertThat(result.isDeadLetter()).isFalse();
        assertThat(result.attempts()).isEqualTo(2);
    }

    @Test
    void confidenceIsCalibratedAndBelowTheLimitTheModelAbstains() {
        assertThat(decided(info(1), null, 0.7)).isEqualTo(Decision.ANSWERED);
        assertThat(decided(info(1), null, 0.8)).isEqualTo(Decision.ABSTAINED);
        assertThat(decided(info(2), null, 0.7)).as("0.63 at temperature 2").isEqualTo(Decision.ABSTAINED);
        assertThat(decided(info(1), 0.8, 0)).as("the request's own").isEqualTo(Decision.ABSTAINED);
        assertThat(decided(info(1), 0.5, 0.99)).as("the request's own").isEqualTo(Decision.ANSWERED);
    }

    private @Nullable Decision decided(ModelInfo info, @Nullable Double asked, double ownLimit) {
        ClassificationRequest request =
                new ClassificationRequest("r", URI.create("file:///a"), null, null, 5, null, asked, List.of());
        ResultWriter strict =
                new ResultWriter("w", InstantSource.fixed(Fakes.NOW), ownLimit, result -> written.add(result.get()));
        PolledRequest asking = new PolledRequest(Places.first(), request, Fakes.NOW, strict);
        Lease lease = new Lease(new FakeModel(info, new FakeBackbone(1), () -> {}), () -> {});
        Prepared ready =
                new Prepared(asking, lease, new Pixels(1, 1, new byte[3]), PreparationTimings.attempt(1), 3, 0);
        asking.classified(ready, Output.of(0.25f, 0.75f), times());
        return ((Classified) Objects.requireNonNull(written.remove(0).result())).decision();
    }

    private static ModelInfo info(double temperature) {
        BeforeAfter none = new BeforeAfter(0, 0);
        Confidence confidence = new Confidence(temperature, none, none, List.of());
        return new ModelInfo("dishes", "job@3", List.of("soup", "cake"), 1, Precision.FP32, confidence, null);
    }

    @Test
    void answerThatIsNotFiniteIsNoAnswer() {
        RequestResult result = classified(prepared(1), Float.NaN, 1);

        assertThat(result.result())
                .isInstanceOfSatisfying(
                        Rejected.class,
                        event -> assertThat(event.error().kind()).isEqualTo(ErrorKind.INTERNAL));
        assertThat(result.isDeadLetter()).isTrue();
    }

    @Test
    void whatCameTooLateIsNoDeadLetter() {
        assertThat(rejected(ErrorKind.EXPIRED).isDeadLetter()).isFalse();
        assertThat(rejected(ErrorKind.UNAVAILABLE).isDeadLetter()).isTrue();
    }

    @Test
    void damagedRequestIsAnsweredToWhoeverCanBeMadeOut() {
        RequestResult result = unreadable("{\"requestId\": \"r7\", \"image\": \"file:///a.png\", \"model\"");

        assertThat(result.result()).isInstanceOfSatisfying(Rejected.class, event -> {
            assertThat(event.requestId()).isEqualTo("r7");
            assertThat(event.image()).isEqualTo("file:///a.png");
            assertThat(event.error().kind()).isEqualTo(ErrorKind.MALFORMED);
        });
        assertThat(result.isDeadLetter()).isTrue();
    }

    @Test
    void whatNamesNobodyIsADeadLetterAlone() {
        for (String value : new String[] {"", "[]", "{\"requestId\": 7}", "\u0000\u0001"}) {
            assertThat(unreadable(value).result()).as(value).isNull();
            assertThat(unreadable(value).isDeadLetter()).as(value).isTrue();
        }
        assertThat(unreadable(null).result()).isNull();
    }

    private RequestResult classified(Prepared prepared, float... probabilities) {
        polled.classified(prepared, Output.of(probabilities), times());
        return written.remove(0);
    }

    private RequestResult rejected(ErrorKind kind) {
        polled.rejected(PreparationTimings.attempt(1), new FaultException(kind, "why"));
        return written.remove(0);
    }

    private RequestResult unreadable(@Nullable String value) {
        byte[] bytes = value == null ? null : value.getBytes(UTF_8);
        FaultException why = new FaultException(ErrorKind.MALFORMED, "no JSON");
        writer.unreadable(Places.of(new ConsumerRecord<>("requests", 0, 0, new byte[0], bytes)), why);
        return written.remove(0);
    }

    private Prepared prepared(int attempts) {
        Lease lease = new Lease(new FakeModel(INFO, new FakeBackbone(1), () -> {}), () -> {});
        return new Prepared(polled, lease, new Pixels(1, 1, new byte[3]), new PreparationTimings(attempts, 7, 8), 3, 0);
    }

    private static BatchTimes times() {
        return new BatchTimes(1_000_000, 9);
    }
}

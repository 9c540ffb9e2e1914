package io.github.finetide.inference.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.model.Lease;
import io.github.finetide.inference.model.LoadedModel;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.pipeline.BatchTimes;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.Precision;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class ResultRecordsTest {
    private static final ModelInfo INFO = new ModelInfo("dishes", "job@3", List.of("soup", "cake"), 1, Precision.FP32);
    private static final int LARGE = 999_990;

    private final List<RequestResult> written = new ArrayList<>();
    private final ResultWriter writer =
            new ResultWriter("worker-1", InstantSource.fixed(Fakes.NOW), result -> written.add(result.get()));
    private final ResultRecords resultRecords = new ResultRecords("results", "worker-1");

    @Test
    void rejectedRequestIsAnsweredUnderItsKeyAndIsADeadLetter() {
        List<ProducerRecord<byte[], byte[]>> records = records(rejected(request("k".getBytes(UTF_8))));

        assertThat(records).extracting(ProducerRecord::topic).containsExactly("results", "requests.dlq");
        assertThat(records).allSatisfy(record -> assertThat(record.key()).containsExactly('k'));
        assertThat(records.get(0).headers().lastHeader("tenant").value()).containsExactly('a');
    }

    @Test
    void headersTooLargeForTheResultAreLeftOut() {
        ConsumerRecord<byte[], byte[]> request = request("k".getBytes(UTF_8));
        request.headers().add("large", new byte[LARGE]);
        ProducerRecord<byte[], byte[]> result = records(classified(request)).get(0);

        assertThat(result.headers().lastHeader("large")).isNull();
        assertThat(Json.read(result.value(), ClassificationResult.class))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.error().kind()).isEqualTo(ErrorKind.TOO_LARGE));
    }

    @Test
    void keyTooLargeForAnyResultLeavesADeadLetterAlone() {
        ConsumerRecord<byte[], byte[]> request = request(new byte[LARGE]);

        assertThat(records(rejected(request))).extracting(ProducerRecord::topic).containsExactly("requests.dlq");
        assertThat(records(classified(request)))
                .extracting(ProducerRecord::topic)
                .containsExactly("requests.dlq");
    }

    @Test
    void whatATopicMayRefuseHasABriefFormThatSaysWhy() {
        ConsumerRecord<byte[], byte[]> request = request("k".getBytes(UTF_8));
        request.headers().add("large", new byte[500_000]);
        List<OutgoingRecord> records = resultRecords.of(rejected(request));

        assertThat(records).hasSize(2).allSatisfy(record -> {
            assertThat(record.bytes()).isGreaterThan(500_000);
            assertThat(OutgoingRecord.bytes(Objects.requireNonNull(record.brief())))
                    .isLessThan(2_000);
        });
        assertThat(records).extracting(OutgoingRecord::isLetter).containsExactly(false, true);
    }

    private List<ProducerRecord<byte[], byte[]>> records(RequestResult result) {
        return resultRecords.of(result).stream().map(OutgoingRecord::record).toList();
    }

    private RequestResult rejected(ConsumerRecord<byte[], byte[]> request) {
        polled(request)
                .rejected(PreparationTimings.attempt(1), new FaultException(ErrorKind.NOT_FOUND, "no such file"));
        return written.remove(0);
    }

    private RequestResult classified(ConsumerRecord<byte[], byte[]> request) {
        LoadedModel model = new Fakes.FakeModel(INFO, new Fakes.FakeBackbone(1), () -> {});
        PolledRequest polled = polled(request);
        Prepared prepared = new Prepared(
                polled, new Lease(model, () -> {}), new Pixels(1, 1, new byte[3]), PreparationTimings.attempt(1), 3, 0);
        polled.classified(prepared, Output.of(0.25f, 0.75f), new BatchTimes(0, 1));
        return written.remove(0);
    }

    private PolledRequest polled(ConsumerRecord<byte[], byte[]> request) {
        return new PolledRequest(Places.of(request), Fakes.request("dishes", null), Fakes.NOW, writer);
    }

    private static ConsumerRecord<byte[], byte[]> request(byte[] key) {
        ConsumerRecord<byte[], byte[]> request = new ConsumerRecord<>("requests", 0, 0, key, new byte[] {1});
        request.headers().add("tenant", new byte[] {'a'});
        return request;
    }
}

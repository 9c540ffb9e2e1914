package io.github.finetide.inference.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.image.Pixels;
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
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class ResultRecordsTest {
    private static final ModelInfo INFO = new ModelInfo("dishes", "job@3", List.of("soup", "cake"), 1, Precision.FP32);
    private static final int LARGE = 999_990;

    private final ResultWriter writer = new ResultWriter("worker-1", InstantSource.fixed(Fakes.NOW));
    private final ResultRecords announcements = new ResultRecords("results", "worker-1");

    @Test
    void rejectedRequestIsAnsweredUnderItsKeyAndIsADeadLetter() {
        List<ProducerRecord<byte[], byte[]>> records = announcements.of(rejected(request("k".getBytes(UTF_8))));

        assertThat(records).extracting(ProducerRecord::topic).containsExactly("results", "requests.dlq");
        assertThat(records).allSatisfy(record -> assertThat(record.key()).containsExactly('k'));
        assertThat(records.get(0).headers().lastHeader("tenant").value()).containsExactly('a');
    }

    @Test
    void headersTooLargeForTheResultAreLeftOut() {
        ConsumerRecord<byte[], byte[]> request = request("k".getBytes(UTF_8));
        request.headers().add("large", new byte[LARGE]);
        ProducerRecord<byte[], byte[]> result =
                announcements.of(classified(request)).get(0);

        assertThat(result.headers().lastHeader("large")).isNull();
        assertThat(Json.read(result.value(), ClassificationResult.class))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.error().kind()).isEqualTo(ErrorKind.TOO_LARGE));
    }

    @Test
    void keyTooLargeForAnyResultLeavesADeadLetterAlone() {
        ConsumerRecord<byte[], byte[]> request = request(new byte[LARGE]);

        assertThat(announcements.of(rejected(request)))
                .extracting(ProducerRecord::topic)
                .containsExactly("requests.dlq");
        assertThat(announcements.of(classified(request)))
                .extracting(ProducerRecord::topic)
                .containsExactly("requests.dlq");
    }

    private RequestResult rejected(ConsumerRecord<byte[], byte[]> request) {
        FaultException why = new FaultException(ErrorKind.NOT_FOUND, "no such file");
        return writer.rejected(work(request), PreparationTimings.attempt(1), why);
    }

    private RequestResult classified(ConsumerRecord<byte[], byte[]> request) {
        LoadedModel model = new Fakes.FakeModel(INFO, new Fakes.FakeBackbone(1), () -> {});
        Lease lease = new Lease(model, () -> {});
        Prepared prepared =
                new Prepared(work(request), lease, new Pixels(1, 1, new byte[3]), PreparationTimings.attempt(1), 3, 0);
        return writer.classified(prepared, INFO, new float[] {0.25f, 0.75f}, new BatchTimes(0, 1));
    }

    private static PolledRequest work(ConsumerRecord<byte[], byte[]> request) {
        return new PolledRequest(request, new PartitionLedger(null), Fakes.request("dishes", null), Fakes.NOW);
    }

    private static ConsumerRecord<byte[], byte[]> request(byte[] key) {
        ConsumerRecord<byte[], byte[]> request = new ConsumerRecord<>("requests", 0, 0, key, new byte[] {1});
        request.headers().add("tenant", new byte[] {'a'});
        return request;
    }
}

package io.github.finetide.inference.requests;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** As a real one: what a record fails with, its callback gets, and the commit throws; whatever comes after fails alike. */
final class RefusingProducer extends MockProducer<byte[], byte[]> {
    private final Function<ProducerRecord<byte[], byte[]>, @Nullable ApiException> refusals;
    private @Nullable ApiException failure;

    RefusingProducer(Function<ProducerRecord<byte[], byte[]>, @Nullable ApiException> refusals) {
        super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        this.refusals = refusals;
    }

    @Override
    public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
        if (failure == null) {
            failure = refusals.apply(record);
        }
        ApiException why = failure;
        if (why == null) {
            return super.send(record, callback);
        }
        callback.onCompletion(null, why);
        return CompletableFuture.failedFuture(why);
    }

    @Override
    public void commitTransaction() {
        if (failure != null) {
            throw new KafkaException("Cannot execute transactional method because we are in an error state", failure);
        }
        super.commitTransaction();
    }

    @Override
    public void abortTransaction() {
        failure = null;
        super.abortTransaction();
    }
}

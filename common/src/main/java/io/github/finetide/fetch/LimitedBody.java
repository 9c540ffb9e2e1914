package io.github.finetide.fetch;

import io.github.finetide.message.Faults;

import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** Collects a body and breaks the connection off once it is larger than allowed, whatever its length claimed. */
final class LimitedBody implements BodySubscriber<byte[]> {
    /** For a body that does not tell its length; it grows by halves. */
    private static final int FIRST_BYTES = 64 << 10;

    private final URI uri;
    private final long maxBytes;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private byte[] bytes;
    private int received;
    private @Nullable Subscription subscription;

    private LimitedBody(URI uri, long maxBytes, long length) {
        this.uri = uri;
        this.maxBytes = maxBytes;
        this.bytes = new byte[(int) Math.max(0, Math.min(length, maxBytes))];
    }

    /** Reads the body of a 200, drops any other; refuses by Content-Length where there is one. */
    static BodySubscriber<byte[]> of(URI uri, HttpResponse.ResponseInfo info, long maxBytes) {
        boolean wanted = info.statusCode() == 200;
        OptionalLong length = info.headers().firstValueAsLong("Content-Length");
        boolean tooMuch = length.orElse(0) > maxBytes;
        LimitedBody body = new LimitedBody(uri, maxBytes, !wanted || tooMuch ? 0 : length.orElse(FIRST_BYTES));
        if (!wanted) {
            body.body.complete(new byte[0]);
        } else if (tooMuch) {
            body.body.completeExceptionally(Faults.moreThan(uri, maxBytes));
        }
        return body;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Subscription newSubscription) {
        subscription = newSubscription;
        if (body.isDone()) {
            newSubscription.cancel();
        } else {
            newSubscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            take(buffer);
        }
    }

    private void take(ByteBuffer buffer) {
        long needed = (long) received + buffer.remaining();
        if (body.isDone()) {
            return;
        }
        if (needed > maxBytes) {
            bytes = new byte[0];
            body.completeExceptionally(Faults.moreThan(uri, maxBytes));
            if (subscription != null) {
                subscription.cancel();
            }
            return;
        }
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes, Math.max(needed, bytes.length * 3L / 2)));
        }
        buffer.get(bytes, received, buffer.remaining());
        received = (int) needed;
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(received == bytes.length ? bytes : Arrays.copyOf(bytes, received));
    }
}

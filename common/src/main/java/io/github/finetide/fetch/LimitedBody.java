package io.github.finetide.fetch;

import io.github.finetide.message.Faults;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;

/** Collects a body and breaks the connection off once it is larger than allowed, whatever its length claimed. */
final class LimitedBody implements BodySubscriber<byte[]> {
    /** For a body that does not announce its length; it grows by halves. */
    private static final int FIRST_BYTES = 64 << 10;

    /** Of an answer that is not wanted, a page that says so or a redirect: read, so that the connection can be used again. */
    private static final int MAX_DRAINED_BYTES = 64 << 10;

    /** A connection that takes longer to be free again is not worth the wait. */
    private static final Duration DRAIN_TIME = Duration.ofSeconds(1);

    private final URI uri;
    private final boolean wanted;
    private final long maxBytes;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private byte[] bytes;
    private int received;
    private volatile boolean ended;

    private LimitedBody(URI uri, boolean wanted, long maxBytes, long length) {
        this.uri = uri;
        this.wanted = wanted;
        this.maxBytes = maxBytes;
        this.bytes = new byte[(int) Math.max(0, Math.min(length, maxBytes))];
    }

    /** Reads the body of a 200, drops any other; refuses by Content-Length where there is one. */
    @SuppressWarnings("FutureReturnValueIgnored") // the same future
    static BodySubscriber<byte[]> of(URI uri, HttpResponse.ResponseInfo info, long maxBytes) {
        boolean wanted = info.statusCode() == 200;
        OptionalLong length = info.headers().firstValueAsLong("Content-Length");
        boolean tooMuch = length.orElse(0) > maxBytes;
        LimitedBody body = new LimitedBody(uri, wanted, maxBytes, !wanted || tooMuch ? 0 : length.orElse(FIRST_BYTES));
        if (!wanted && length.orElse(0) > MAX_DRAINED_BYTES) {
            body.body.complete(new byte[0]);
        } else if (!wanted) {
            body.body.completeOnTimeout(new byte[0], DRAIN_TIME.toMillis(), TimeUnit.MILLISECONDS);
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
    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the connection to close
    public void onSubscribe(Subscription newSubscription) {
        if (body.isDone()) {
            newSubscription.cancel();
            return;
        }
        // Once it is known what the answer is, nothing more is read.
        body.whenComplete((done, failed) -> {
            if (!ended) {
                newSubscription.cancel();
            }
        });
        newSubscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (wanted) {
                take(buffer);
            } else {
                drop(buffer);
            }
        }
    }

    private void drop(ByteBuffer buffer) {
        received += buffer.remaining();
        buffer.position(buffer.limit());
        if (received > MAX_DRAINED_BYTES) {
            body.complete(new byte[0]);
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
        ended = true;
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        ended = true;
        body.complete(!wanted ? new byte[0] : received == bytes.length ? bytes : Arrays.copyOf(bytes, received));
    }
}

package io.github.finetide.image;

import io.github.finetide.message.FaultException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** Collects a body and breaks the connection off once it is larger than allowed, whatever its length claimed. */
final class LimitedBody implements BodySubscriber<byte[]> {
    private final URI uri;
    private final long maxBytes;
    private final BodySubscriber<byte[]> whole = BodySubscribers.ofByteArray();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private @Nullable Subscription subscription;
    private long received;

    private LimitedBody(URI uri, long maxBytes) {
        this.uri = uri;
        this.maxBytes = maxBytes;
        whole.getBody().whenComplete(this::done);
    }

    /** Reads the body of a 200, drops any other; refuses by Content-Length where there is one. */
    static BodySubscriber<byte[]> of(URI uri, HttpResponse.ResponseInfo info, long maxBytes) {
        LimitedBody body = new LimitedBody(uri, info.statusCode() == 200 ? maxBytes : 0);
        if (info.statusCode() != 200) {
            body.body.complete(new byte[0]);
        } else if (info.headers().firstValueAsLong("Content-Length").orElse(0) > maxBytes) {
            body.body.completeExceptionally(Faults.moreThan(uri, maxBytes));
        }
        return body;
    }

    private void done(byte @Nullable [] bytes, @Nullable Throwable failure) {
        if (failure != null) {
            body.completeExceptionally(failure);
        } else if (bytes != null) {
            body.complete(bytes);
        }
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        this.subscription = subscription;
        if (body.isDone()) {
            subscription.cancel();
        } else {
            whole.onSubscribe(subscription);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        received += buffers.stream().mapToLong(ByteBuffer::remaining).sum();
        if (received <= maxBytes) {
            whole.onNext(buffers);
        } else if (!body.isDone()) {
            FaultException tooMuch = Faults.moreThan(uri, maxBytes);
            body.completeExceptionally(tooMuch);
            if (subscription != null) {
                subscription.cancel();
            }
            whole.onError(tooMuch); // lets go of what was collected
        }
    }

    @Override
    public void onError(Throwable failure) {
        whole.onError(failure);
    }

    @Override
    public void onComplete() {
        whole.onComplete();
    }
}

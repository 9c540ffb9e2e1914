package io.github.finetide.inference.requests;

import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import org.jspecify.annotations.Nullable;

/**
 * What is published for one request, in the transaction that commits its offset.
 *
 * @param result absent where not even the requestId could be read
 * @param fault why it was rejected, absent if it was classified
 * @param attempts how often it was tried
 */
public record RequestResult(
        RequestPlace place,
        @Nullable ClassificationResult result,
        @Nullable FaultException fault,
        int attempts) {

    /** Whether somebody should look at the request: all that is rejected, but for what merely came too late. */
    public boolean isDeadLetter() {
        return fault != null && fault.kind() != ErrorKind.EXPIRED;
    }
}

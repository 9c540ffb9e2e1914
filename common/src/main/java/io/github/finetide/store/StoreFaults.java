package io.github.finetide.store;

import io.github.finetide.fetch.S3Faults;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import software.amazon.awssdk.core.exception.SdkException;

/** Failures of disks and buckets, as kinds. */
final class StoreFaults {
    private StoreFaults() {}

    static FaultException of(Object place, IOException failed) {
        return new FaultException(kind(failed), place + ": " + reason(failed), failed);
    }

    private static ErrorKind kind(IOException failed) {
        if (failed instanceof NoSuchFileException) {
            return ErrorKind.NOT_FOUND;
        }
        if (failed instanceof AccessDeniedException) {
            return ErrorKind.NOT_ALLOWED;
        }
        return isFull(String.valueOf(failed.getMessage())) ? ErrorKind.NO_SPACE : ErrorKind.UNAVAILABLE;
    }

    /** Java has no exception of its own for a full disk: these are the operating systems' words. */
    private static boolean isFull(String message) {
        String words = message.toLowerCase(Locale.ROOT);
        return words.contains("no space left")
                || words.contains("quota exceeded")
                || words.contains("not enough space");
    }

    private static String reason(IOException failed) {
        if (failed instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (failed instanceof AccessDeniedException) {
            return "access denied";
        }
        String reason = failed instanceof FileSystemException file ? file.getReason() : failed.getMessage();
        return reason == null ? failed.toString() : reason;
    }

    static FaultException of(Object place, SdkException failed) {
        return new FaultException(kind(failed), place + ": " + S3Faults.text(failed), failed);
    }

    /** A store's bucket is there or will be: what else it answers may go better later. */
    private static ErrorKind kind(SdkException failed) {
        ErrorKind kind = S3Faults.kind(failed);
        return kind == ErrorKind.INVALID ? ErrorKind.UNAVAILABLE : kind;
    }
}

package io.github.finetide.network;

import ai.djl.engine.EngineException;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FailureSummary;
import io.github.finetide.message.FaultException;
import java.util.List;
import java.util.Locale;

/** Recognises failures whose cause is that the machine has no memory left. */
public final class MemoryFaults {
    // How libtorch's allocators for the CPU and for CUDA say it.
    private static final List<String> WORDS = List.of("not enough memory", "out of memory", "can't allocate memory");

    private MemoryFaults() {}

    /**
     * Returns what to throw for what libtorch threw.
     *
     * @param remedy what would need less, at the beginning of the message
     */
    public static RuntimeException of(EngineException failed, String remedy) {
        String message = String.valueOf(failed.getMessage());
        String lower = message.toLowerCase(Locale.ROOT);
        return WORDS.stream().anyMatch(lower::contains) ? outOfMemory(message, remedy, failed) : failed;
    }

    public static FaultException of(OutOfMemoryError failed, String remedy) {
        return outOfMemory(String.valueOf(failed.getMessage()), remedy, failed);
    }

    private static FaultException outOfMemory(String message, String remedy, Throwable cause) {
        return new FaultException(ErrorKind.OUT_OF_MEMORY, remedy + ": " + FailureSummary.sentence(message), cause);
    }
}

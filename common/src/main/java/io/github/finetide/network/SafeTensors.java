package io.github.finetide.network;

import java.io.IOException;
import java.nio.file.Path;

/** Reads and writes the <a href="https://github.com/huggingface/safetensors">safetensors</a> format. */
@SuppressWarnings("DoNotCallSuggester")
public final class SafeTensors {
    private SafeTensors() {}

    /**
     * Maps a file; the tensors stay valid as long as they are reachable.
     *
     * @throws io.github.finetide.message.FaultException INVALID if the file is not well formed
     */
    public static StateDict read(Path file) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Writes a file; equal dictionaries give equal bytes. */
    public static void write(Path file, StateDict tensors) throws IOException {
        throw new UnsupportedOperationException();
    }
}

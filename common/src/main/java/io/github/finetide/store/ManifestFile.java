package io.github.finetide.store;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes of {@code checkpoint.json}, and of {@code sweep.json}. Its last field, {@code checksum}, is the SHA-256 of the same JSON without that
 * field: whoever resumes a job has no event with the file's digest, and a damaged digit is still good JSON.
 */
final class ManifestFile {
    private static final Pattern ENDING = Pattern.compile("(.*),\"checksum\":\"([0-9a-f]{64})\"}", Pattern.DOTALL);

    private ManifestFile() {}

    static byte[] write(Object manifest) {
        byte[] json = Json.write(manifest);
        String open = text(json).substring(0, text(json).length() - 1);
        return (open + ",\"checksum\":\"" + Sha256.hex(json) + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @throws FaultException INVALID if the bytes are not what {@link #write} gave; UNAVAILABLE if another version's did:
     *     whole, but with what this version does not know. Taken for damage, it would be done again, and lost
     */
    static <T> T read(byte[] file, Class<T> type) {
        Matcher ending = ENDING.matcher(text(file));
        if (!ending.matches()) {
            throw new FaultException(ErrorKind.INVALID, "does not end with its checksum");
        }
        byte[] json = (ending.group(1) + "}").getBytes(StandardCharsets.UTF_8);
        if (!Sha256.hex(json).equals(ending.group(2))) {
            throw new FaultException(ErrorKind.INVALID, "does not have the checksum it states");
        }
        try {
            return Json.read(json, type);
        } catch (FaultException unknown) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "was written by a newer version of Finetide (" + unknown.getMessage() + "); upgrade this worker",
                    unknown);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

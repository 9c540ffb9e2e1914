package io.github.finetide.message;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Records to UTF-8 JSON and back. Reading ends in a valid record or a {@link FaultException}: {@link
 * ErrorKind#MALFORMED} for what is no JSON, {@link ErrorKind#INVALID} for a field, naming it, its value and what is
 * allowed. Writing is canonical: the same record gives the same bytes (components in order, absent ones left out,
 * no white space).
 */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** Reads a record, or one of a sealed family of results. */
    public static <T> T read(byte[] utf8, Class<T> type) {
        if (!(parse(utf8) instanceof ObjectNode object)) {
            throw new FaultException(ErrorKind.MALFORMED, "not a JSON object");
        }
        return new RecordReader(isLenient(type)).read("", Defaults.complete(type, object), type);
    }

    /** Writes a record (or a list or map of records). */
    public static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(RecordWriter.tree(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always writable", e);
        }
    }

    /** SHA-256 of what {@link #write} gives, as hexadecimal digits. */
    public static String digest(Object value) {
        return Sha256.hex(write(value));
    }

    /** A text field at the top of bytes that may be damaged elsewhere: whom to answer. */
    public static Optional<String> peek(byte[] utf8, String field) {
        try (JsonParser parser = new JsonFactory().createParser(utf8)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = parser.currentName().equals(field);
                JsonToken value = parser.nextToken();
                if (found) {
                    return value == JsonToken.VALUE_STRING ? addressee(parser.getText()) : Optional.empty();
                }
                parser.skipChildren();
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> addressee(String value) {
        try {
            Check.text("value", value);
            return Optional.of(value);
        } catch (FaultException e) {
            return Optional.empty();
        }
    }

    private static JsonNode parse(byte[] utf8) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            return MAPPER.readTree(text);
        } catch (CharacterCodingException e) {
            throw new FaultException(ErrorKind.MALFORMED, "not UTF-8", e);
        } catch (JacksonException e) {
            throw new FaultException(ErrorKind.MALFORMED, "not JSON: " + e.getOriginalMessage() + where(e), e);
        }
    }

    private static String where(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }

    /** Events come from workers, perhaps newer ones; what users write must be spelled right. */
    private static boolean isLenient(Class<?> type) {
        return Event.class.isAssignableFrom(type) && !Input.class.isAssignableFrom(type);
    }
}

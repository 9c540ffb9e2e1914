package io.github.finetide.message;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static final String CANCEL = "{\"jobId\":\"j\",\"command\":\"cancel\"}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "3",
                "\"x\"",
                "{",
                "{\"jobId\":\"j\",}",
                "{'jobId':'j'}",
                "{\"a\":NaN}",
                "{\"jobId\":\"j\",\"jobId\":\"k\",\"command\":\"cancel\"}"
            })
    void whatIsNoJsonObjectIsMalformed(String json) {
        assertThat(fault(json.getBytes(UTF_8), TrainingCommand.class).kind()).isEqualTo(ErrorKind.MALFORMED);
    }

    @Test
    void trailingTokensAreMalformed() {
        assertThat(fault((CANCEL + CANCEL).getBytes(UTF_8), TrainingCommand.class)
                        .kind())
                .isEqualTo(ErrorKind.MALFORMED);
    }

    @Test
    void otherCharacterSetsAreMalformed() {
        assertThat(fault(CANCEL.getBytes(UTF_16), TrainingCommand.class)).hasMessage("not UTF-8");
    }

    @Test
    void deepNestingIsMalformedAndNoStackOverflow() {
        String deep = "{\"jobId\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThat(fault(deep.getBytes(UTF_8), TrainingCommand.class).kind()).isEqualTo(ErrorKind.MALFORMED);
    }

    @Test
    void longValuesAreCutInMessages() {
        String json = "{\"jobId\":\"j\",\"command\":\"" + "x".repeat(10_000) + "\"}";

        assertThat(fault(json.getBytes(UTF_8), TrainingCommand.class).getMessage())
                .hasSizeLessThan(250)
                .endsWith("... is not allowed; allowed: cancel, pause, resume, checkpoint");
    }

    @Test
    void eventsMayGainFields() {
        JobStatus status = new RandomMessages(1).status();
        String json = new String(Json.write(status), UTF_8).replaceFirst("\\{", "{\"new\":{\"field\":1},");

        assertThat(Json.read(json.getBytes(UTF_8), JobStatus.class)).isEqualTo(status);
    }

    @Test
    void releasesAreInputsAndMayNot() {
        String json = new String(Json.write(new RandomMessages(1).release()), UTF_8).replaceFirst("\\{", "{\"new\":1,");

        assertThat(fault(json.getBytes(UTF_8), ModelRelease.class)).hasMessageStartingWith("new: is not a field");
    }

    @Test
    void timesHaveMilliseconds() {
        ClassificationRequest request = Json.read(
                "{\"requestId\":\"r\",\"image\":\"file:///a.jpg\",\"expiresAt\":\"2026-01-31T13:00:00+01:00\"}"
                        .getBytes(UTF_8),
                ClassificationRequest.class);

        assertThat(request.expiresAt()).isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
        assertThat(request.topK()).isEqualTo(5);
        assertThat(new String(Json.write(request), UTF_8)).contains("\"2026-01-31T12:00:00.000Z\"");
    }

    @Test
    void aSpaceInAUriIsExplained() {
        String json = "{\"requestId\":\"r\",\"image\":\"file:///a b.jpg\"}";

        assertThat(fault(json.getBytes(UTF_8), ClassificationRequest.class))
                .hasMessageStartingWith("image: \"file:///a b.jpg\" is not allowed")
                .hasMessageContaining("%20");
    }

    @Test
    void peekReadsOnlyTextAtTheTop() {
        assertThat(Json.peek("{\"a\":{\"jobId\":\"x\"},\"jobId\":\"j\",oops".getBytes(UTF_8), "jobId"))
                .contains("j");
        assertThat(Json.peek("{\"jobId\":7}".getBytes(UTF_8), "jobId")).isEmpty();
        assertThat(Json.peek("{\"jobId\":\"\"}".getBytes(UTF_8), "jobId")).isEmpty();
        assertThat(Json.peek(new byte[] {1, 2, 3}, "jobId")).isEmpty();
    }

    private static FaultException fault(byte[] bytes, Class<?> type) {
        return catchThrowableOfType(FaultException.class, () -> Json.read(bytes, type));
    }
}

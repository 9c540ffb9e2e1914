package io.github.finetide.deploy.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Expected bytes: the examples of Protocol Buffers' description of its encoding. */
class ProtoMessageTest {
    @Test
    void fieldsAreEncodedAsTheirDescriptionSays() throws IOException {
        assertThat(hex(new ProtoMessage().number(1, 150))).isEqualTo("089601");
        assertThat(hex(new ProtoMessage().number(1, -2))).isEqualTo("08feffffffffffffffff01");
        assertThat(hex(new ProtoMessage().text(2, "testing"))).isEqualTo("120774657374696e67");
        assertThat(hex(new ProtoMessage().message(3, new ProtoMessage().number(1, 150))))
                .isEqualTo("1a03089601");
        assertThat(hex(new ProtoMessage().number(20, 7))).isEqualTo("a00107");
    }

    @Test
    void contentsOfAnotherLengthThanAnnouncedAreAnError() {
        ProtoMessage wrong = new ProtoMessage().bytes(1, 3, () -> new byte[2]);

        assertThatThrownBy(() -> hex(wrong)).isInstanceOf(IllegalStateException.class);
    }

    private static String hex(ProtoMessage message) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        message.writeTo(out);
        assertThat(message.size()).isEqualTo(out.size());
        return HexFormat.of().formatHex(out.toByteArray());
    }
}

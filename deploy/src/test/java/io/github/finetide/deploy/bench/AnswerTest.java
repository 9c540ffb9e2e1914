package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class AnswerTest {
    @Test
    void numbersAreReadAsTheyWereWritten() {
        Answer answer = Answer.of(0.125, 3);

        assertThat(Answer.parse(answer.line())).isEqualTo(answer);
        assertThat(answer.isRefusal()).isFalse();
    }

    @Test
    void aRefusalSaysWhyOnOneLine() {
        Answer refusal = Answer.refused("no bf16\nhere");

        assertThat(refusal.line()).isEqualTo("! no bf16 here");
        assertThat(Answer.parse("! no bf16 here").refusal()).isEqualTo("no bf16 here");
        assertThat(Answer.parse("! no bf16 here").numbers()).isEmpty();
    }

    @Test
    void anythingElseIsNoAnswer() {
        assertThatIllegalArgumentException().isThrownBy(() -> Answer.parse("Downloading ..."));
    }
}

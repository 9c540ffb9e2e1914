package io.github.finetide.inference;

import io.github.finetide.inference.requests.Answer;
import io.github.finetide.inference.requests.AnswerListener;
import io.github.finetide.inference.requests.InHand;
import io.github.finetide.inference.requests.Intake;
import java.time.Clock;

/** Counts committed answers, and requests out of hand. */
final class Accounting implements AnswerListener {
    private final InHand inHand;
    private final Telemetry telemetry;
    private final Clock clock;

    Accounting(InHand inHand, Telemetry telemetry, Clock clock) {
        this.inHand = inHand;
        this.telemetry = telemetry;
        this.clock = clock;
    }

    @Override
    public void published(Answer answer) {
        inHand.leave(Intake.bytes(answer.record()));
        telemetry.published(
                answer, (double) Math.max(0, clock.millis() - answer.record().timestamp()));
    }

    @Override
    public void dropped(Answer answer) {
        inHand.leave(Intake.bytes(answer.record()));
    }
}

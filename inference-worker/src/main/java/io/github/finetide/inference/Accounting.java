package io.github.finetide.inference;

import io.github.finetide.inference.requests.InFlight;
import io.github.finetide.inference.requests.Intake;
import io.github.finetide.inference.requests.RequestResult;
import io.github.finetide.inference.requests.ResultListener;
import java.time.InstantSource;

/** Counts committed answers, and requests out of hand. */
final class Accounting implements ResultListener {
    private final InFlight inHand;
    private final Telemetry telemetry;
    private final InstantSource clock;

    Accounting(InFlight inHand, Telemetry telemetry, InstantSource clock) {
        this.inHand = inHand;
        this.telemetry = telemetry;
        this.clock = clock;
    }

    @Override
    public void published(RequestResult answer) {
        inHand.leave(Intake.bytes(answer.record()));
        telemetry.published(
                answer, (double) Math.max(0, clock.millis() - answer.record().timestamp()));
    }

    @Override
    public void dropped(RequestResult answer) {
        inHand.leave(Intake.bytes(answer.record()));
    }
}

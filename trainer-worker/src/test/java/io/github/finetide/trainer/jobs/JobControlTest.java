package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Command;
import io.github.finetide.message.TrainingCommand;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.training.Jobs;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JobControlTest {
    private static final Instant PRODUCED = Jobs.NOW;

    private final CommandLog commands = new CommandLog();
    private Instant now = Jobs.NOW;
    private final StopSignal stopping = new StopSignal();

    @Test
    void goesOnUnlessAskedOtherwise() {
        assertThat(control("").directive()).isEqualTo(Directive.CONTINUE);
    }

    @Test
    void aCancelThatWaitedInTheTopicIsObeyed() {
        say(Command.CANCEL, PRODUCED.plusSeconds(1));

        assertThat(control("").directive()).isEqualTo(Directive.CANCEL);
    }

    @Test
    void commandsBeforeTheJobsRecordMeantAnotherJob() {
        say(Command.CANCEL, PRODUCED.minusMillis(1));

        assertThat(control("").directive()).isEqualTo(Directive.CONTINUE);
    }

    @Test
    void commandsForOthersAreNotObeyed() {
        commands.add(new TrainingCommand("other", Command.CANCEL), PRODUCED);

        assertThat(control("").directive()).isEqualTo(Directive.CONTINUE);
    }

    @Test
    void aPauseLastsUntilResumed() {
        JobControl control = control("");
        say(Command.PAUSE, PRODUCED);
        assertThat(control.directive()).isEqualTo(Directive.PAUSE);
        say(Command.CHECKPOINT, PRODUCED);
        assertThat(control.directive()).isEqualTo(Directive.PAUSE);
        say(Command.RESUME, PRODUCED);

        assertThat(control.directive()).isEqualTo(Directive.CHECKPOINT);
        control.checkpointObeyed();
        assertThat(control.directive()).isEqualTo(Directive.CONTINUE);
    }

    @Test
    void aCheckpointIsAskedForUntilItIsThere() {
        say(Command.CHECKPOINT, PRODUCED); // an earlier attempt obeyed it
        JobControl control = control("");
        say(Command.CHECKPOINT, PRODUCED);

        assertThat(control.directive()).isEqualTo(Directive.CHECKPOINT);
        assertThat(control.directive()).as("nothing was saved yet").isEqualTo(Directive.CHECKPOINT);
        say(Command.CHECKPOINT, PRODUCED);
        control.checkpointObeyed();
        assertThat(control.directive()).as("the second command came later").isEqualTo(Directive.CHECKPOINT);
        control.checkpointObeyed();
        assertThat(control.directive()).isEqualTo(Directive.CONTINUE);
    }

    @Test
    void anEpochOfHoursIsSavedNowAndThen() {
        JobControl control = new JobControl(commands, Jobs.job(), PRODUCED, PRODUCED, stopping, () -> now);
        now = now.plus(JobControl.UNSAVED_LIMIT).plusMillis(1);

        assertThat(control.directive()).isEqualTo(Directive.CHECKPOINT);
        control.checkpointObeyed();
        assertThat(control.directive()).isEqualTo(Directive.CONTINUE);
        now = now.plus(JobControl.UNSAVED_LIMIT);
        control.saved(); // an epoch ended
        now = now.plus(JobControl.UNSAVED_LIMIT);
        assertThat(control.directive()).isEqualTo(Directive.CONTINUE);
    }

    @Test
    void aStoppingWorkerHandsOver() {
        stopping.request();

        assertThat(control("").directive()).isEqualTo(Directive.HAND_OVER);
    }

    @Test
    void aStoppingWorkerDoesNotWaitForAResume() {
        say(Command.PAUSE, PRODUCED);
        stopping.request();
        JobControl control = control("");
        control.awaitResume();

        assertThat(control.directive()).isEqualTo(Directive.HAND_OVER);
    }

    @Test
    void maxDurationEndsTheJobAndSaysSo() {
        JobControl control = control(",\"maxDuration\":\"PT1H\"");
        assertThat(control.directive()).isEqualTo(Directive.CONTINUE);

        JobControl late = new JobControl(
                commands,
                Jobs.job(",\"maxDuration\":\"PT1H\""),
                PRODUCED,
                PRODUCED.minus(Duration.ofMinutes(61)),
                stopping,
                () -> now);
        assertThat(late.directive()).isEqualTo(Directive.CANCEL);
        assertThat(late.reason()).isEqualTo("maxDuration PT1H is over");
    }

    private void say(Command command, Instant at) {
        commands.add(new TrainingCommand("j", command), at);
    }

    private JobControl control(String fields) {
        return new JobControl(commands, Jobs.job(fields), PRODUCED, PRODUCED, stopping, () -> now);
    }
}

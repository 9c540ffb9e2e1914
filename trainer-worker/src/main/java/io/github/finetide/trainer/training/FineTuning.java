package io.github.finetide.trainer.training;

import ai.djl.engine.EngineException;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Scores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.data.PixelLoader;
import io.github.finetide.trainer.learning.DeferredBatchResults;
import io.github.finetide.trainer.learning.Evaluation;
import io.github.finetide.trainer.learning.EvaluationAccumulator;
import io.github.finetide.trainer.learning.LearningRate;
import io.github.finetide.trainer.learning.ScoreAccumulator;
import io.github.finetide.trainer.training.JobOutcome.Ending;
import java.util.Optional;

/**
 * Runs a training job: the article's loop, epoch by epoch. The same job gives the same metrics and the
 * same checkpoints, bit for bit on one kind of machine, however often it was interrupted and resumed.
 */
public final class FineTuning {
    private final TrainingJob job;
    private final TrainerResources resources;

    /** Makes a run of one job; at most one may be running in a process. */
    public FineTuning(TrainingJob job, TrainerResources resources) {
        this.job = job;
        this.resources = resources;
    }

    /**
     * Goes on from the job's newest checkpoint, or begins with checking its images. Returns when the job
     * is done or was told to stop.
     *
     * @throws FaultException of any kind that a job can fail with
     */
    public JobOutcome run(Progress progress) {
        TrainingSetup setup = new TrainingSetup(job, resources, progress);
        try (PixelLoader loader = new PixelLoader(resources.decodeThreads())) {
            Optional<TrainingRun> session = setup.open(loader);
            if (session.isEmpty()) {
                return new JobOutcome.Finished(Ending.DRY_RUN, Optional.empty(), Optional.empty(), Optional.empty());
            }
            try (TrainingRun open = session.get()) {
                Ending ending = new Run(open, progress).untilFinished();
                open.measureRelease();
                return setup.book().finished(ending, job.release());
            }
        } catch (StopTrainingException stopped) {
            return stopped.directive() == Directive.CANCEL ? setup.book().cancelled() : new JobOutcome.HandedOver();
        } catch (EngineException failed) {
            throw MemoryFaults.of(failed);
        } catch (OutOfMemoryError failed) {
            throw MemoryFaults.of(failed);
        }
    }

    /** The loop. */
    private final class Run {
        private final TrainingRun session;
        private final ProgressReporter tell;

        Run(TrainingRun session, Progress progress) {
            this.session = session;
            this.tell = new ProgressReporter(session.work(), progress);
        }

        Ending untilFinished() {
            while (!session.state().isFinished()) {
                int epoch = session.state().epoch();
                double learningRate = LearningRate.of(job).at(epoch);
                tell.epochBegins(epoch);
                Scores trained = trainOneEpoch(epoch, learningRate);
                Evaluation validated = evaluate();
                session.epochDone(learningRate, trained, validated);
                tell.epochEnded(session.state(), session.save());
                session.prune();
            }
            session.prune(); // whoever had the job before may have ended between saving and pruning
            return session.state().stoppedEarly() ? Ending.EARLY_STOPPING : Ending.ALL_EPOCHS;
        }

        private Scores trainOneEpoch(int epoch, double learningRate) {
            BatchSampler pass = session.source().trainingPass(epoch);
            ScoreAccumulator tally = new ScoreAccumulator(session.state().sums());
            int number = tally.batches();
            try (DeferredBatchResults readings = session.learner().readings(tally::add);
                    Batches batches = session.source().training(pass, number, this::featuresComputed)) {
                while (batches.hasNext()) {
                    session.pass(readings, tally);
                    tell.waitsForData();
                    try (Batch batch = next(batches, readings, tally)) {
                        tell.dataHere();
                        tell.trained(pass, ++number, batch, session.learner().train(batch, learningRate, readings));
                    }
                }
                session.trainingDone(readings, tally);
            }
            return tally.scores();
        }

        private Batch next(Batches batches, DeferredBatchResults readings, ScoreAccumulator tally) {
            try {
                return batches.next();
            } catch (FaultException unreadable) {
                session.saveBeforeFailing(readings, tally);
                throw unreadable;
            }
        }

        private Evaluation evaluate() {
            BatchSampler pass = session.source().validationPass();
            EvaluationAccumulator tally = new EvaluationAccumulator(job.classNames());
            int number = 0;
            try (DeferredBatchResults readings = session.learner().readings(tally::add);
                    Batches batches = session.source().validation(pass, this::featuresComputed)) {
                while (batches.hasNext()) {
                    session.pass();
                    tell.waitsForData();
                    try (Batch batch = batches.next()) {
                        tell.dataHere();
                        tell.validated(pass, ++number, batch, session.learner().evaluate(batch, readings));
                    }
                }
                readings.readAll();
            }
            return tally.evaluation();
        }

        private void featuresComputed(int batch, int batches, int images) {
            tell.computed(batch, batches, images);
            session.pass();
        }
    }
}

package io.github.finetide.trainer.training;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Scores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.MemoryFaults;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.PixelLoader;
import io.github.finetide.trainer.learning.BatchStep;
import io.github.finetide.trainer.learning.DeferredBatchResults;
import io.github.finetide.trainer.learning.Evaluation;
import io.github.finetide.trainer.learning.EvaluationAccumulator;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.learning.LearningRate;
import io.github.finetide.trainer.learning.ScoreAccumulator;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.JobOutcome.Ending;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.ReviewedData;
import io.github.finetide.trainer.progress.StopTrainingException;
import io.github.finetide.trainer.review.OutOfFold;
import java.util.Optional;

/**
 * Runs a training job: the article's loop, epoch by epoch. The same job gives the same metrics and the
 * same checkpoints, bit for bit on one kind of machine, however often it was interrupted and resumed.
 */
public final class FineTuning {
    private static final String LESS_MEMORY = "a smaller batchSize or imageSize needs less memory";

    private final TrainingJob job;
    private final TrainerResources resources;

    /** Makes a run of one job; at most one may be running in a process. */
    public FineTuning(TrainingJob job, TrainerResources resources) {
        this.job = job;
        this.resources = resources;
    }

    /**
     * Continues from the job's newest checkpoint, or begins with checking the job. Returns when the job is done or a
     * directive stopped it.
     *
     * @throws FaultException of any kind that a job can fail with
     */
    public JobOutcome run(Progress progress) {
        if (job.sweep() == null || job.dryRun()) {
            return run(job.variants().get(0), SweepTable.none(job.folds() == null ? 0 : job.folds()), progress);
        }
        Optional<SweepTable> sweep = Optional.empty();
        try (PixelLoader loader = new PixelLoader(resources.decodeThreads())) {
            sweep = Optional.of(new SweepRun(job, resources, progress).run(loader, FineTuning::train));
        } catch (StopTrainingException stopped) {
            return stopped.directive() == Directive.CANCEL
                    ? new TrainingSetup(job, SweepTable.none(), resources, progress)
                            .book()
                            .cancelled()
                    : new JobOutcome.HandedOver();
        } catch (EngineException failed) {
            throw MemoryFaults.of(failed, LESS_MEMORY);
        } catch (OutOfMemoryError failed) {
            throw MemoryFaults.of(failed, LESS_MEMORY);
        }
        return run(sweep.orElseThrow().chosen(), sweep.orElseThrow(), progress);
    }

    private static Ending train(TrainingRun run, Progress progress) {
        return new Loop(run, progress).untilFinished();
    }

    private JobOutcome run(TrainingJob alone, SweepTable sweep, Progress progress) {
        TrainingSetup setup = new TrainingSetup(alone, sweep, resources, progress);
        try (PixelLoader loader = new PixelLoader(resources.decodeThreads())) {
            Optional<TrainingRun> opened = setup.open(loader);
            if (opened.isEmpty()) {
                return new JobOutcome.Finished(Ending.DRY_RUN, Optional.empty(), Optional.empty(), Optional.empty());
            }
            try (TrainingRun run = opened.get()) {
                Optional<OutOfFold> outOfFold =
                        new CrossValidationRun(run, sweep.folds(), setup.book(), progress).run(FineTuning::train);
                Ending ending = train(run, progress);
                run.measureRelease(outOfFold);
                Optional<ReviewedData> findings = run.reviewRelease();
                return setup.book().finished(ending, job.release(), findings);
            }
        } catch (StopTrainingException stopped) {
            return stopped.directive() == Directive.CANCEL ? setup.book().cancelled() : new JobOutcome.HandedOver();
        } catch (EngineException failed) {
            throw MemoryFaults.of(failed, LESS_MEMORY);
        } catch (OutOfMemoryError failed) {
            throw MemoryFaults.of(failed, LESS_MEMORY);
        }
    }

    /** The loop: its passes read as torchvision's {@code train_one_epoch} and {@code evaluate}. */
    private static final class Loop {
        private final TrainingJob job;
        private final TrainingRun run;
        private final Learner learner;
        private final ProgressReporter reporter;

        Loop(TrainingRun run, Progress progress) {
            this.run = run;
            this.job = run.state().job();
            this.learner = run.learner();
            this.reporter = new ProgressReporter(run.estimator(), progress);
        }

        Ending untilFinished() {
            while (!run.state().isFinished()) {
                int epoch = run.state().epoch();
                double learningRate = LearningRate.of(job).at(epoch);
                reporter.epochBegins(epoch);
                Scores trained = trainOneEpoch(epoch, learningRate);
                Evaluation validated = evaluate(epoch);
                run.epochDone(learningRate, trained, validated);
                reporter.epochEnded(run.state(), run.save());
                run.prune();
            }
            run.prune(); // whoever had the job before may have ended between saving and pruning
            return run.state().stoppedEarly() ? Ending.EARLY_STOPPING : Ending.ALL_EPOCHS;
        }

        private Scores trainOneEpoch(int epoch, double learningRate) {
            BatchSampler pass = run.source().trainingPass(epoch);
            ScoreAccumulator scores = new ScoreAccumulator(run.state().sums());
            try (DeferredBatchResults results = learner.trainingResults(epoch, scores.batches(), scores::add);
                    TimedBatches batches = run.trainingBatches(pass, results, scores, this::featuresComputed)) {
                while (batches.hasNext()) {
                    run.obey(results, scores);
                    try (Batch batch = batches.next();
                            BatchStep step = learner.trainingStep(batch)) {
                        NDArray logits = step.forward();
                        NDArray loss = step.loss(logits);
                        step.backward(loss);
                        results.add(step, loss, logits); // before the update: a loss that is not finite ends the job
                        step.update(learningRate);
                        reporter.trained(pass, batches, batch, step.times());
                    }
                }
                run.trainingDone(results, scores);
            }
            return scores.scores();
        }

        private Evaluation evaluate(int epoch) {
            BatchSampler pass = run.source().validationPass();
            EvaluationAccumulator scores =
                    new EvaluationAccumulator(run.state().job().classNames());
            try (DeferredBatchResults results = learner.validationResults(epoch, scores::add);
                    TimedBatches batches = run.validationBatches(pass, this::featuresComputed)) {
                while (batches.hasNext()) {
                    run.obey();
                    try (Batch batch = batches.next();
                            BatchStep step = learner.evaluationStep(batch)) {
                        NDArray logits = step.forward();
                        results.add(step, step.loss(logits), logits);
                        reporter.validated(pass, batches, batch, step.times());
                    }
                }
                results.readAll();
            }
            return scores.evaluation();
        }

        private void featuresComputed(int batch, int batches, int images) {
            reporter.computed(batch, batches, images);
            run.obey();
        }
    }
}

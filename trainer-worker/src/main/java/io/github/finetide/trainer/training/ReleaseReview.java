package io.github.finetide.trainer.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Finding;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.store.Content;
import io.github.finetide.store.Found;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.progress.ReviewedData;
import io.github.finetide.trainer.report.ReportDetails;
import io.github.finetide.trainer.report.ReportFindings;
import io.github.finetide.trainer.report.ReportPictures;
import io.github.finetide.trainer.review.ClassMaps;
import io.github.finetide.trainer.review.DataDoctor;
import io.github.finetide.trainer.review.FindingPictures;
import io.github.finetide.trainer.review.ImagePredictions;
import io.github.finetide.trainer.review.PictureChoice;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once at the images with the model that a finished job releases: for its report and its folder.
 */
final class ReleaseReview {
    /** In the checkpoint's folder, a finding a line. */
    static final String FINDINGS = "findings.jsonl";

    private static final Logger log = LoggerFactory.getLogger(ReleaseReview.class);

    private final TrainingJob job;
    private final Device device;
    private final CheckpointBook book;
    private final BatchSource source;
    private final StateDict starting;

    /** @param starting the starting weights, which the checkpoint leaves out */
    ReleaseReview(TrainingJob job, Device device, CheckpointBook book, BatchSource source, StateDict starting) {
        this.starting = starting;
        this.job = job;
        this.device = device;
        this.book = book;
        this.source = source;
    }

    /**
     * Writes predictions and findings beside the checkpoint, and the report with pictures; an image that cannot be read any
     * more, or too little memory, costs these, not the job.
     *
     * @param ranges of activations that the job runs with, in int8
     * @param afterEach run after each batch
     */
    Optional<ReviewedData> review(Optional<ActivationRanges> ranges, Runnable afterEach) {
        Optional<Found> found = book.toRelease(job.release());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(review(found.get(), ranges, afterEach));
        } catch (FaultException | OutOfMemoryError failed) {
            log.atWarn()
                    .addKeyValue("job", job.jobId())
                    .addKeyValue("reason", failed.getMessage())
                    .log("Report has no pictures");
            return Optional.empty();
        }
    }

    private ReviewedData review(Found found, Optional<ActivationRanges> ranges, Runnable afterEach) {
        StateDict weights = StartingPoint.whole(starting, book.fetch(found));
        NetworkOptions options = new NetworkOptions(job.network(), job.precision(), device);
        try (Network network = Network.frozen(options, weights, ranges.orElse(null))) {
            Optional<Confidence> confidence =
                    Optional.ofNullable(found.manifest().confidence());
            Evidence evidence = new Evidence(job, source, network, afterEach);
            BatchSampler pass = source.validationPass();
            ImagePredictions predictions = predictions(network, pass, confidence, evidence);
            URI unused = book.putBeside(
                    found,
                    "predictions.jsonl",
                    file -> predictions.write(file, pass.images().manifest(), job.classNames()));
            List<Finding> findings = findings(network, evidence, afterEach);
            URI file = book.putBeside(found, FINDINGS, lines(findings));
            ReportPictures pictures = new PictureChoice(
                            pass.images(), new ClassMaps(network, weights), job.classNames())
                    .of(source.trainingPass(1), predictions);
            ReportFindings shown = new FindingPictures(
                            source.plainTraining(new int[0]).images(), pass.images())
                    .of(findings, evidence.lookedAt());
            book.renewReport(new ReportDetails(pictures, confidence.map(predictions::reliability), Optional.of(shown)));
            return new ReviewedData(findings, file);
        }
    }

    private ImagePredictions predictions(
            Network network, BatchSampler pass, Optional<Confidence> confidence, Evidence evidence) {
        double temperature = confidence.map(Confidence::temperature).orElse(1.0);
        try (Batches batches = source.validation(pass, (batch, count, size) -> evidence.pass())) {
            return ImagePredictions.of(network, batches, temperature, evidence::validation);
        }
    }

    private List<Finding> findings(Network network, Evidence evidence, Runnable afterEach) {
        evidence.readTraining();
        try (NDManager scope = network.scope()) {
            return new DataDoctor(evidence.ofTraining(book.outOfFold()), evidence.ofValidation(), job.classNames())
                    .findings(scope, afterEach);
        }
    }

    private static Content lines(List<Finding> findings) {
        return file -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
                for (Finding finding : findings) {
                    out.write(Json.write(finding));
                    out.write('\n');
                }
            }
        };
    }
}

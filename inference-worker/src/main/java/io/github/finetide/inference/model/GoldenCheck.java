package io.github.finetide.inference.model;

import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.Backbone.Question;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.tensor.TensorData;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Whether a model answers here what it answered where it was trained. */
final class GoldenCheck {
    private final TensorData images;
    private final TensorData probabilities;

    /**
     * A check on a few images.
     *
     * @param images uint8 {@code [n, size, size, 3]}
     * @param probabilities that the trainer saw, fp32 {@code [n, classes]}
     */
    GoldenCheck(TensorData images, TensorData probabilities) {
        this.images = images;
        this.probabilities = probabilities;
    }

    /** @throws FaultException INVALID if a probability differs by more than the tolerance, or is not finite */
    void run(LoadedModel model, double tolerance) {
        List<Output> answers = model.backbone().classify(questions(model));
        FloatBuffer wanted = probabilities.bytes().asFloatBuffer();
        double worst = 0;
        for (Output answer : answers) {
            for (float probability : answer.probabilities()) {
                double difference = Math.abs(probability - (double) wanted.get());
                worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
            }
        }
        if (worst > tolerance || wanted.hasRemaining()) {
            throw new FaultException(
                    ErrorKind.INVALID,
                    "its golden images get other probabilities than in training: off by " + worst + ", tolerated is "
                            + tolerance);
        }
    }

    private List<Question> questions(LoadedModel model) {
        int count = (int) images.shape()[0];
        int height = (int) images.shape()[1];
        int width = (int) images.shape()[2];
        var bytes = images.bytes();
        List<Question> questions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] rgb = new byte[height * width * Pixels.CHANNELS];
            bytes.get(rgb);
            questions.add(new Question(new Pixels(width, height, rgb), model.head()));
        }
        return questions;
    }
}

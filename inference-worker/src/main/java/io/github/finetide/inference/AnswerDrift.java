package io.github.finetide.inference;

import io.github.finetide.confidence.StabilityIndex;
import io.github.finetide.message.AnswerProfile;

/** How far the last answers of a version are from those it gave for its validation images. A few kilobytes a version. */
final class AnswerDrift {
    private final StabilityIndex confidence;
    private final StabilityIndex classes;

    AnswerDrift(AnswerProfile validation) {
        confidence = new StabilityIndex(validation.confidence());
        classes = new StabilityIndex(validation.classes());
    }

    /** Whether there were enough validation images to tell drift from chance. */
    static boolean isKnown(AnswerProfile validation) {
        int images =
                validation.confidence().stream().mapToInt(Integer::intValue).sum();
        return images >= StabilityIndex.LEAST_IMAGES;
    }

    void answered(double calibrated, int classId) {
        confidence.add(AnswerProfile.bin(calibrated));
        classes.add(classId);
    }

    double ofConfidence() {
        return confidence.value();
    }

    double ofClasses() {
        return classes.value();
    }
}

package io.github.finetide.trainer.training;

import io.github.finetide.image.decode.WideGrey;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import io.github.finetide.trainer.data.ImageReader;
import io.github.finetide.trainer.data.Manifest;
import io.github.finetide.trainer.data.PixelLoader;
import io.github.finetide.trainer.progress.ControlPoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every image before any training: reads and decodes it once, which is cheap beside the network
 * and finds the truncated file that a look at its header would not. Images that cannot be used fail the
 * job; the same bytes twice, or in both data sets, or under two labels, are worth a warning.
 */
final class Preflight {
    static final int MAX_NAMED_ERRORS = 50; // what fits a screen or a status message
    private static final int MAX_EXAMPLES = 3; // of each kind of warning
    private static final int AHEAD = 64; // images being read at once or waiting to be; one image in memory a thread

    private final PixelLoader threads;
    private final ImageReader reader;
    private final ControlPoint control;

    private final List<String> errors = new ArrayList<>();
    private final Map<String, Place> seen = new HashMap<>();
    private final Findings duplicates = new Findings("duplicate images (same bytes)");
    private final Findings leaks =
            new Findings("images of the validation set are in the training set too (same bytes)");
    private final Findings contradictions = new Findings("images have more than one label (same bytes)");
    private final Findings white =
            new Findings("16-bit grey images are white where they are above 255, as in Pillow; scale them to 8 bits");
    private int errorCount;
    private @Nullable FaultException firstError;

    Preflight(PixelLoader threads, ImageReader reader, ControlPoint control) {
        this.threads = threads;
        this.reader = reader;
        this.control = control;
    }

    /**
     * Where an image stands.
     *
     * @param validates it is one of validation, whatever file lists it: both sets may name the same one
     */
    private record Place(boolean validates, int label, String text) {}

    private record Inspected(
            String sha256, boolean turnedWhite, @Nullable FaultException problem) {}

    /**
     * Checks the images of both manifests.
     *
     * @return warnings
     * @throws FaultException naming up to {@link #MAX_NAMED_ERRORS} images and how many there are
     */
    List<String> check(Manifest train, Manifest validation, List<String> classNames) {
        inspect(train, false);
        inspect(validation, true);
        FaultException first = firstError;
        if (first != null) {
            throw new FaultException(first.kind(), describeErrors(), first);
        }
        List<String> warnings = new ArrayList<>();
        duplicates.addTo(warnings);
        leaks.addTo(warnings);
        contradictions.addTo(warnings);
        missingClasses(train, classNames, "classes have no training image").addTo(warnings);
        missingClasses(validation, classNames, "classes have no validation image")
                .addTo(warnings);
        white.addTo(warnings);
        return warnings;
    }

    private String describeErrors() {
        String total = errorCount == 1 ? "1 image cannot be used:\n" : errorCount + " images cannot be used:\n";
        String more = errorCount > errors.size() ? "\nand " + (errorCount - errors.size()) + " more" : "";
        return total + String.join("\n", errors) + more;
    }

    private void inspect(Manifest manifest, boolean validates) {
        Deque<Future<Inspected>> ahead = new ArrayDeque<>();
        int started = 0;
        for (Manifest.Entry entry : manifest.entries()) {
            while (started < manifest.entries().size() && ahead.size() < AHEAD) {
                Manifest.Entry next = manifest.entries().get(started++);
                ahead.add(threads.submit(() -> inspect(next)));
            }
            control.pass(() -> false); // nothing to save
            note(manifest, validates, entry, PixelLoader.result(ahead.remove()));
        }
    }

    private Inspected inspect(Manifest.Entry entry) {
        try {
            byte[] bytes = reader.bytes(entry.image());
            boolean turnedWhite = reader.decode(bytes, pixels -> WideGrey.turnedWhite(bytes, pixels));
            return new Inspected(sha256(bytes), turnedWhite, null);
        } catch (FaultException problem) {
            return new Inspected("", false, problem);
        }
    }

    private void note(Manifest manifest, boolean validates, Manifest.Entry entry, Inspected image) {
        FaultException problem = image.problem();
        if (problem != null) {
            firstError = firstError == null ? problem : firstError;
            if (++errorCount <= MAX_NAMED_ERRORS) {
                errors.add(manifest.placeAndImage(entry) + ": " + problem.getMessage());
            }
            return;
        }
        Place here = new Place(validates, entry.label(), manifest.place(entry));
        if (image.turnedWhite()) {
            white.add(here.text());
        }
        Place other = seen.putIfAbsent(image.sha256(), here);
        if (other != null) {
            Findings findings = other.validates() == validates ? duplicates : leaks;
            findings.add(here.text() + " as " + other.text());
        }
        if (other != null && other.label() != here.label()) {
            contradictions.add(here.text() + " (" + here.label() + ") as " + other.text() + " (" + other.label() + ")");
        }
    }

    private static Findings missingClasses(Manifest manifest, List<String> classNames, String what) {
        int[] counts = new int[classNames.size()];
        manifest.entries().forEach(entry -> counts[entry.label()]++);
        Findings missing = new Findings(what);
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] == 0) {
                missing.add(i + " (" + classNames.get(i) + ")");
            }
        }
        return missing;
    }

    /** 32 characters; a data set may have millions. */
    private static String sha256(byte[] bytes) {
        return new String(Sha256.of(bytes), StandardCharsets.ISO_8859_1);
    }

    /** Things of one kind: how many, and the first few. */
    private static final class Findings {
        private final String what;
        private final List<String> examples = new ArrayList<>();
        private int count;

        Findings(String what) {
            this.what = what;
        }

        void add(String example) {
            count++;
            if (examples.size() < MAX_EXAMPLES) {
                examples.add(example);
            }
        }

        void addTo(List<String> warnings) {
            if (count > 0) {
                String more = count > examples.size() ? ", ..." : "";
                warnings.add(count + " " + what + ": " + String.join(", ", examples) + more);
            }
        }
    }
}

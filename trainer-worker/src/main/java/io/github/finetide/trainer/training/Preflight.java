package io.github.finetide.trainer.training;

import io.github.finetide.trainer.data.ImageReader;
import io.github.finetide.trainer.data.PixelLoader;

import io.github.finetide.trainer.data.Manifest;
import io.github.finetide.message.FaultException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
 * job; the same bytes twice, or in both data sets, are worth a warning.
 */
final class Preflight {
    static final int MAX_NAMED_ERRORS = 50; // what fits a screen or a status message
    private static final int MAX_EXAMPLES = 3; // of each kind of warning
    private static final int AHEAD = 64; // images being read at once or waiting to be; one image in memory a thread

    private final PixelLoader threads;
    private final ImageReader reader;
    private final Gate gate;

    private final List<String> errors = new ArrayList<>();
    private final Map<String, Place> seen = new HashMap<>();
    private final Findings duplicates = new Findings("duplicate images (same bytes)");
    private final Findings leaks =
            new Findings("images of the validation set are in the training set too (same bytes)");
    private int errorCount;
    private @Nullable FaultException firstError;

    Preflight(PixelLoader threads, ImageReader reader, Gate gate) {
        this.threads = threads;
        this.reader = reader;
        this.gate = gate;
    }

    private record Place(Manifest manifest, String text) {}

    private record Inspected(String sha256, @Nullable FaultException problem) {}

    /**
     * Checks the images of both manifests.
     *
     * @return warnings
     * @throws FaultException naming up to {@link #MAX_NAMED_ERRORS} images and how many there are
     */
    List<String> check(Manifest train, Manifest validation, List<String> classNames) {
        inspect(train);
        inspect(validation);
        FaultException first = firstError;
        if (first != null) {
            throw new FaultException(first.kind(), describeErrors(), first);
        }
        List<String> warnings = new ArrayList<>();
        duplicates.addTo(warnings);
        leaks.addTo(warnings);
        missingClasses(train, classNames).addTo(warnings);
        return warnings;
    }

    private String describeErrors() {
        String total = errorCount == 1 ? "1 image cannot be used:\n" : errorCount + " images cannot be used:\n";
        String more = errorCount > errors.size() ? "\nand " + (errorCount - errors.size()) + " more" : "";
        return total + String.join("\n", errors) + more;
    }

    private void inspect(Manifest manifest) {
        Deque<Future<Inspected>> ahead = new ArrayDeque<>();
        int started = 0;
        for (Manifest.Entry entry : manifest.entries()) {
            while (started < manifest.entries().size() && ahead.size() < AHEAD) {
                Manifest.Entry next = manifest.entries().get(started++);
                ahead.add(threads.submit(() -> inspect(next)));
            }
            gate.pass(() -> false); // nothing to save
            note(manifest, entry, PixelLoader.result(ahead.remove()));
        }
    }

    private Inspected inspect(Manifest.Entry entry) {
        try {
            byte[] bytes = reader.bytes(entry.image());
            reader.decode(bytes);
            return new Inspected(sha256(bytes), null);
        } catch (FaultException problem) {
            return new Inspected("", problem);
        }
    }

    private void note(Manifest manifest, Manifest.Entry entry, Inspected image) {
        FaultException problem = image.problem();
        if (problem != null) {
            firstError = firstError == null ? problem : firstError;
            if (++errorCount <= MAX_NAMED_ERRORS) {
                errors.add(manifest.place(entry) + ": " + entry.image() + ": " + problem.getMessage());
            }
            return;
        }
        Place here = new Place(manifest, manifest.place(entry));
        Place other = seen.putIfAbsent(image.sha256(), here);
        if (other != null) {
            Findings findings = other.manifest().equals(manifest) ? duplicates : leaks;
            findings.add(here.text() + " as " + other.text());
        }
    }

    private static Findings missingClasses(Manifest train, List<String> classNames) {
        int[] counts = new int[classNames.size()];
        train.entries().forEach(entry -> counts[entry.label()]++);
        Findings missing = new Findings("classes have no training image");
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] == 0) {
                missing.add(i + " (" + classNames.get(i) + ")");
            }
        }
        return missing;
    }

    private static String sha256(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new String(digest, StandardCharsets.ISO_8859_1); // 32 characters; a data set may have millions
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
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

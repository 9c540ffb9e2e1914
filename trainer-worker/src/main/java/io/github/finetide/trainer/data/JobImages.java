package io.github.finetide.trainer.data;

import io.github.finetide.dataset.ClassFolders;
import io.github.finetide.dataset.ContentSplit;
import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.message.Dataset;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import io.github.finetide.message.Redacted;
import io.github.finetide.message.TrainingJob;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A job's lists of images, whatever the job names them by.
 *
 * @param job with the classes that its class folders have
 */
public record JobImages(TrainingJob job, Manifest training, Manifest validation) {

    /** Does what may fail for a while. */
    @FunctionalInterface
    public interface Retry {
        <T> T retry(String what, Supplier<T> work);
    }

    /**
     * Reads lists and folders, and divides them where the job says so; errors of both sets are reported together.
     *
     * @param contents the SHA-256 of each image of a list, where that decides on which side it is
     * @throws FaultException naming what is wrong where
     */
    public static JobImages read(
            TrainingJob job, ImageFetcher fetcher, Retry retry, Function<Manifest, List<String>> contents) {
        return new Reading(job, fetcher, retry).images(contents);
    }

    private static final class Reading {
        private final Dataset dataset;
        private final ImageFetcher fetcher;
        private final Retry retry;
        private TrainingJob job;

        Reading(TrainingJob job, ImageFetcher fetcher, Retry retry) {
            this.job = job;
            this.dataset = job.dataset();
            this.fetcher = fetcher;
            this.retry = retry;
        }

        JobImages images(Function<Manifest, List<String>> contents) {
            List<FaultException> wrong = new ArrayList<>();
            List<Manifest> read = new ArrayList<>();
            add(this::training, read, wrong);
            URI validation = dataset.validation();
            if (validation != null && (wrong.isEmpty() || job.classes() > 0)) {
                add(() -> validation(validation), read, wrong);
            }
            if (!wrong.isEmpty()) {
                throw together(wrong);
            }
            return validation != null ? new JobImages(job, read.get(0), read.get(1)) : split(read.get(0), contents);
        }

        private static void add(Supplier<Manifest> source, List<Manifest> read, List<FaultException> wrong) {
            try {
                read.add(source.get());
            } catch (FaultException e) {
                wrong.add(e);
            }
        }

        private static FaultException together(List<FaultException> wrong) {
            FaultException first = wrong.get(0);
            return wrong.size() == 1
                    ? first
                    : new FaultException(
                            first.kind(),
                            first.getMessage() + "\n" + wrong.get(1).getMessage(),
                            first);
        }

        private Manifest training() {
            if (!dataset.hasClassFolders()) {
                return list(dataset.train());
            }
            ClassFolders folders = folders(dataset.train());
            folders.requireImages();
            job = job.withClasses(names(folders));
            return Manifest.of(folders, folders.classNames());
        }

        /** As the job names its classes, in the order of the folders; their own names where it does not. */
        private List<String> names(ClassFolders folders) {
            List<String> found = folders.classNames();
            List<String> given = dataset.classNames();
            if (job.classes() != 0 && job.classes() != found.size()) {
                throw FaultException.invalid(
                        "classes", job.classes(), "as many as there are class folders, " + found.size());
            }
            if (given == null || given.equals(found)) {
                return found;
            }
            if (new HashSet<>(given).equals(new HashSet<>(found))) {
                throw FaultException.invalid(
                        "dataset.classNames", given, "the order of the class folders, sorted by name, or no names");
            }
            return given;
        }

        private Manifest validation(URI source) {
            if (!Dataset.isFolder(source)) {
                return list(source);
            }
            ClassFolders folders = folders(source);
            List<String> known =
                    dataset.hasClassFolders() ? folders(dataset.train()).classNames() : job.classNames();
            folders.requireAmong(known);
            Manifest manifest = Manifest.of(folders, known);
            if (manifest.entries().isEmpty()) {
                throw Faults.of(ErrorKind.INVALID, Faults.shown(source) + " has no images");
            }
            return manifest;
        }

        private ClassFolders folders(URI source) {
            return retry.retry("list " + Redacted.text(source.toString()), () -> ClassFolders.read(source, fetcher));
        }

        private Manifest list(URI source) {
            return retry.retry(
                    "read " + Redacted.text(source.toString()), () -> Manifest.read(source, fetcher, job.classes()));
        }

        private JobImages split(Manifest all, Function<Manifest, List<String>> contents) {
            Double fraction = dataset.validationFraction();
            if (fraction == null) {
                throw new IllegalStateException("a data set has one of validation and validationFraction");
            }
            List<Integer> labels =
                    all.entries().stream().map(Manifest.Entry::label).toList();
            boolean[] validates = ContentSplit.validates(contents.apply(all), labels, fraction, job.seed());
            Manifest validation = part(all, validates, true);
            if (validation.entries().isEmpty()) {
                throw FaultException.invalid(
                        "dataset.validationFraction",
                        fraction,
                        "a fraction that leaves some of the " + labels.size() + " images for validation");
            }
            return new JobImages(job, part(all, validates, false), validation);
        }

        private static Manifest part(Manifest all, boolean[] validates, boolean validation) {
            return all.withEntries(IntStream.range(0, validates.length)
                    .filter(i -> validates[i] == validation)
                    .mapToObj(all.entries()::get)
                    .toList());
        }
    }
}

package io.github.finetide.deploy.dataset;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.dataset.ContentSplit;
import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.dataset.ImageCheck.Checked;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Images with their classes' numbers and sides, as a job needs them. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PreparedDataset(List<String> classNames, List<Checked> images, List<Integer> labels, boolean[] validates) {
    static final List<String> FILES = List.of("train.txt", "validation.txt", "classes.txt", "job.json");

    private static final String NUMBER = "0|[1-9][0-9]{0,8}";

    /** Numbers the classes, sorted by name, numbers by value, and divides the images. */
    static PreparedDataset of(List<Checked> images, double fraction, long seed) {
        List<String> names = names(
                images.stream().map(image -> image.image().label()).distinct().toList());
        if (names.size() < 2) {
            throw new CommandFailure("a model tells classes apart, at least two; found: "
                    + (names.isEmpty() ? "no image that can be used" : names.get(0)));
        }
        List<Integer> labels = images.stream()
                .map(image -> names.indexOf(image.image().label()))
                .toList();
        List<String> contents = images.stream().map(Checked::sha256).toList();
        boolean[] validates = ContentSplit.validates(contents, labels, fraction, seed);
        PreparedDataset set = new PreparedDataset(names, images, labels, validates);
        if (set.lines(true).isEmpty()) {
            throw new CommandFailure(
                    "none of the %d images is left for validation; give more with --validation, or another --seed"
                            .formatted(images.size()));
        }
        return set;
    }

    private static List<String> names(Collection<String> labels) {
        List<String> names = new ArrayList<>(labels);
        if (names.stream().allMatch(name -> name.matches(NUMBER))) {
            names.sort(Comparator.comparingInt(Integer::parseInt));
        } else {
            names.sort((one, other) -> Arrays.compareUnsigned(
                    one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8)));
        }
        return names;
    }

    List<String> lines(boolean validation) {
        return IntStream.range(0, images.size())
                .filter(i -> validates[i] == validation)
                .mapToObj(i -> images.get(i).line() + " " + labels.get(i))
                .toList();
    }

    long count(int label, boolean validation) {
        return IntStream.range(0, validates.length)
                .filter(i -> labels.get(i) == label && validates[i] == validation)
                .count();
    }

    /** Writes the lists and a job that names them. */
    void write(Path folder, String model, String jobId, long seed) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("train.txt"), lines(false), StandardCharsets.UTF_8);
        Files.write(folder.resolve("validation.txt"), lines(true), StandardCharsets.UTF_8);
        Files.write(folder.resolve("classes.txt"), classNames, StandardCharsets.UTF_8);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode job = mapper.createObjectNode().put("jobId", jobId).put("model", model);
        ObjectNode dataset = job.putObject("dataset");
        dataset.put("train", folder.resolve("train.txt").toUri().toString());
        dataset.put("validation", folder.resolve("validation.txt").toUri().toString());
        classNames.forEach(dataset.putArray("classNames")::add);
        job.put("classes", classNames.size()).put("seed", seed);
        Files.writeString(
                folder.resolve("job.json"),
                mapper.writerWithDefaultPrettyPrinter().writeValueAsString(job) + "\n",
                StandardCharsets.UTF_8);
    }
}

package io.github.finetide.deploy.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.finetide.fetch.ImageSources;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.JobStart;
import io.github.finetide.trainer.progress.UnwatchedProgress;
import io.github.finetide.trainer.training.FineTuning;
import io.github.finetide.trainer.training.TrainerResources;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Labelled images as people have them; every image is a file of its own content. */
class DatasetCommandTest {
    private static final int IMAGES = 20;

    @TempDir
    Path folder;

    private int drawn;

    @Test
    void classFolders() throws IOException {
        for (int i = 0; i < IMAGES; i++) {
            image("set/" + (i % 2 == 0 ? "soup" : "fried rice") + "/sub/" + i + ".png");
        }
        Files.writeString(folder.resolve("set/soup/notes.txt"), "no image");
        Files.writeString(folder.resolve("set/soup/broken.jpg"), "<html>");
        Files.createDirectories(folder.resolve("set/empty"));

        String said = run("set");

        assertThat(names()).containsExactly("fried rice", "soup");
        assertThat(labels())
                .hasSize(IMAGES)
                .filteredOn(line -> line.endsWith("fried rice"))
                .hasSize(10);
        assertThat(said)
                .contains("set: class folders, 21 images")
                .contains("Left out 3:")
                .contains("  empty/: no images in it")
                .contains("  soup/notes.txt: not an image by its extension")
                .contains("  soup/broken.jpg: The file is no JPEG")
                .containsPattern("all +(1[0-9]) +([1-9]|10)\n");
    }

    @Test
    void aTableWhoseColumnsAreGuessed() throws IOException {
        List<String> lines = new ArrayList<>(List.of("id,Picture,kind of dish"));
        for (int i = 0; i < IMAGES; i++) {
            image("photos/a, b " + i + ".png");
            lines.add(i + ",\"photos/a, b " + i + ".png\",\"" + (i % 2 == 0 ? "say \"\"cheese\"\"" : "x") + "\"");
        }
        lines.add("99,photos/missing.png,x");
        lines.add("100,\"photos/a, b 1.png\",");
        lines.add("101,too,many,fields");
        Files.writeString(folder.resolve("table.csv"), "\uFEFF" + String.join("\r\n", lines) + "\r\n");

        assertThatThrownBy(() -> run("table.csv"))
                .hasMessage("table.csv: which column holds the labels? Its columns are id, Picture, kind of dish;"
                        + " name one with --label");
        String said = run("table.csv", "--label", "kind of dish");

        assertThat(names()).containsExactly("say \"cheese\"", "x");
        assertThat(labels()).hasSize(IMAGES);
        assertThat(said)
                .contains("Left out 3:")
                .contains("table.csv line 22: photos/missing.png: there is no file ")
                .contains("table.csv line 23: photos/a, b 1.png: no label")
                .contains("table.csv line 24: 4 fields where the header has 3");
    }

    @Test
    void aTableOfTabsWithUsualNames() throws IOException {
        StringBuilder table = new StringBuilder("Label\tsize\tFile Name\n");
        for (int i = 0; i < IMAGES; i++) {
            image(i + ".png");
            table.append(i % 10 + 1).append("\t7\t").append(i).append(".png\n");
        }
        Files.writeString(folder.resolve("table.tsv"), table);

        run("table.tsv", "--validation", "0.5");

        assertThat(names()).containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
        assertThat(labels()).hasSize(IMAGES).anyMatch(line -> line.endsWith("10.png -> 1"));
    }

    @Test
    void aTableWithoutAHeaderIsRefused() throws IOException {
        Files.writeString(folder.resolve("table.csv"), "1.png,cat\n2.png,dog\n");

        assertThatThrownBy(() -> run("table.csv"))
                .hasMessage(
                        "table.csv has no header: its first line names an image. Put a line like image,label before it");
    }

    @Test
    void aListOfSageMaker() throws IOException {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < IMAGES; i++) {
            image("images/" + i + ".png");
            list.append(i)
                    .append('\t')
                    .append(i % 2)
                    .append(".000000\timages/")
                    .append(i)
                    .append(".png\n");
        }
        Files.writeString(folder.resolve("train.lst"), list + "20\t1\t0\timages/1.png\n21\t0.5\timages/1.png\n");

        String said = run("train.lst");

        assertThat(names()).containsExactly("0", "1");
        assertThat(labels()).hasSize(IMAGES);
        assertThat(said)
                .contains("train.lst line 21: more than one label")
                .contains("train.lst line 22: label 0.5 is no whole number");
    }

    @Test
    void labelStudiosExport() throws IOException {
        List<String> tasks = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            image("images/h" + i + "-a b.png");
            tasks.add(task(
                    i,
                    "/data/upload/3/h" + i + "-a%20b.png",
                    "{\"choices\":[\"" + (i % 2 == 0 ? "cat" : "dog") + "\"]}"));
        }
        tasks.add(task(90, "/data/local-files/?d=images/h1-a%20b.png", "{\"choices\":[\"cat\",\"dog\"]}"));
        tasks.add(
                "{\"id\":91,\"data\":{\"image\":\"x.png\"},\"annotations\":[{\"was_cancelled\":true,\"result\":[]}]}");
        tasks.add("{\"id\":92,\"image\":\"/data/local-files/?d=images/h0-a%20b.png\",\"choice\":\"cat\"}");
        Files.writeString(folder.resolve("export.json"), tasks.toString());

        String said = run("export.json");

        assertThat(names()).containsExactly("cat", "dog");
        assertThat(labels()).hasSize(IMAGES + 1);
        assertThat(said)
                .contains("export.json task 90: images/h1-a b.png: more than one label: cat, dog")
                .contains("export.json task 91: x.png: not labelled");
    }

    @Test
    void metadataOfHuggingFace() throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder table = new StringBuilder("file_name,label\n");
        for (int i = 0; i < IMAGES; i++) {
            String name = image("hf/" + i + ".png").getFileName().toString();
            lines.add("{\"file_name\": \"%s\", \"label\": %d}".formatted(name, i % 3));
            table.append(name).append(',').append(i % 3).append('\n');
        }
        Files.write(folder.resolve("hf/metadata.jsonl"), lines);
        String ofLines = run("hf");
        List<String> first = labels();
        Files.delete(folder.resolve("hf/metadata.jsonl"));
        Files.writeString(folder.resolve("hf/metadata.csv"), table);
        String ofTable = run("hf", "--out", folder.resolve("other").toString());

        assertThat(names()).containsExactly("0", "1", "2");
        assertThat(first).hasSize(IMAGES).isEqualTo(labels("other"));
        assertThat(ofLines).contains("a folder with metadata.jsonl, 20 images");
        assertThat(ofTable).contains("a folder with metadata.csv, 20 images");
    }

    @Test
    void theJobPassesADryRunAsItIs() throws IOException {
        for (int i = 0; i < IMAGES; i++) {
            image("a set/" + (i % 2 == 0 ? "soup" : "fried rice") + "/" + i + ".png");
        }
        Files.writeString(folder.resolve("a set/soup/broken.jpg"), "<html>");
        run("a set");
        String json = Files.readString(folder.resolve("out/job.json"));
        TrainingJob job = Json.read(
                json.replaceFirst("\\{", "{\"dryRun\": true, \"weights\": \"random:1\", ")
                        .getBytes(UTF_8),
                TrainingJob.class);
        List<String> estimates = new ArrayList<>();
        try (ImageSources images = ImageSources.open(List.of(folder), List.of());
                Checkpoints store =
                        Checkpoints.open(folder.resolve("store").toUri(), "worker", folder.resolve("cache"))) {
            TrainerResources resources = new TrainerResources(
                    store, folder.resolve("cache"), (uri, target) -> {}, images, Device.cpu(), 2, folder);
            JobOutcome outcome = new FineTuning(job, resources).run(new UnwatchedProgress() {
                @Override
                public void started(JobStart start) {
                    estimates.add(start.estimate());
                }
            });

            assertThat(outcome).isInstanceOf(JobOutcome.Finished.class);
            assertThat(estimates).singleElement().asString().contains("2 classes of");
        }
    }

    @Test
    void whatWasWrittenIsNotWrittenOver() throws IOException {
        for (int i = 0; i < IMAGES; i++) {
            image("set/" + i % 2 + "/" + i + ".png");
        }
        run("set");

        assertThatThrownBy(() -> run("set"))
                .hasMessageContaining("there is a train.txt in ")
                .hasMessageContaining("--out");
    }

    @Test
    void aSetThatIsDividedAlreadySaysHowToNameIt() throws IOException {
        image("set/train/cat/1.png");
        image("set/val/cat/2.png");

        assertThatThrownBy(() -> run("set"))
                .hasMessageContaining("holds train, val: it is divided already. Name them in a job as dataset.train");
    }

    private static String task(int id, String image, String value) {
        return "{\"id\":%d,\"data\":{\"image\":\"%s\"},\"annotations\":[{\"was_cancelled\":false,\"result\":[{\"value\":%s}]}]}"
                .formatted(id, image, value);
    }

    private Path image(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, ++drawn * 7919);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private String run(String source, String... options) {
        List<String> arguments = new ArrayList<>(List.of(folder.resolve(source).toString()));
        arguments.addAll(List.of(options));
        if (!arguments.contains("--out")) {
            arguments.addAll(List.of("--out", folder.resolve("out").toString()));
        }
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(written, true, UTF_8));
        try {
            CommandLine line = new CommandLine(new DatasetCommand()).setExecutionExceptionHandler((e, l, r) -> {
                throw e;
            });
            line.parseArgs(arguments.toArray(String[]::new));
            DatasetCommand command = line.getCommand();
            assertThat(command.call()).isZero();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            System.setOut(before);
        }
        return written.toString(UTF_8);
    }

    private List<String> names() throws IOException {
        TrainingJob job = Json.read(Files.readAllBytes(folder.resolve("out/job.json")), TrainingJob.class);
        assertThat(job.classes()).isEqualTo(job.classNames().size());
        assertThat(Files.readAllLines(folder.resolve("out/classes.txt"))).isEqualTo(job.classNames());
        return job.classNames();
    }

    private List<String> labels() throws IOException {
        return labels("out");
    }

    /** "file -> class" of both lists, and that no image stands in both. */
    private List<String> labels(String out) throws IOException {
        List<String> classes = Files.readAllLines(folder.resolve(out + "/classes.txt"));
        List<String> all = new ArrayList<>();
        for (String list : List.of("train.txt", "validation.txt")) {
            List<String> lines = Files.readAllLines(folder.resolve(out).resolve(list));
            assertThat(lines).isNotEmpty();
            for (String line : lines) {
                int gap = line.lastIndexOf(' ');
                assertThat(Path.of(line.substring(0, gap))).exists();
                all.add(line.substring(0, gap) + " -> " + classes.get(Integer.parseInt(line.substring(gap + 1))));
            }
        }
        return all.stream().sorted().toList();
    }
}

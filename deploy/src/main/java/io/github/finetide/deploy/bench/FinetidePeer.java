package io.github.finetide.deploy.bench;

import ai.djl.engine.EngineException;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.decode.ImageDecoder;
import io.github.finetide.image.transform.Preprocessing;
import io.github.finetide.message.Augmentation;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.Precision;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.Kernels;
import io.github.finetide.network.MatrixProduct;
import io.github.finetide.options.WorkerOptions;
import io.github.finetide.runtime.NativeSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** Finetide itself as a contestant: what both workers run, without Kafka around it. */
public final class FinetidePeer {
    private static final Path STATUS = Path.of("/proc/self/status");

    private final PeerNetworks networks;

    private FinetidePeer(Path weights) {
        networks = new PeerNetworks(weights);
    }

    /** Reads commands until its input ends; the argument is the file of the weights. */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err); // whoever prints must not be taken for an answer
        NativeSettings.prepare(Runtime.getRuntime().availableProcessors());
        Kernels.rememberIn(WorkerOptions.defaultWeightsCache()); // as a worker does
        FinetidePeer peer = new FinetidePeer(Path.of(arguments[0]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            answers.println(peer.answer(line.split("\t")).line());
        }
    }

    private Answer answer(String... command) throws IOException {
        try {
            return switch (command[0]) {
                case "draw" -> networks.draw(command[1], Path.of(command[2]));
                case "forward" -> networks.forward(precision(command[1]), number(command[2]), number(command[3]));
                case "logits" -> networks.logits(precision(command[1]));
                case "blocks" -> DjlBlocks.forward(number(command[2]), number(command[3]));
                case "product" -> Answer.of(MatrixProduct.seconds(precision(command[1]), number(command[2])));
                case "decode" -> decode(Path.of(command[1]), number(command[2]));
                case "resize" -> resize(Path.of(command[1]), number(command[2]));
                case "augment" -> augment(Path.of(command[1]), number(command[2]));
                case "train" -> train(false, command);
                case "trainAndSave" -> train(true, command);
                case "job" -> training(command).whole(job(command));
                case "peak" -> Answer.of(Soak.megabytes(Files.readAllLines(STATUS), "VmHWM"));
                default -> Answer.refused("unknown command " + command[0]);
            };
        } catch (FaultException | EngineException | UnsupportedOperationException failed) {
            return Answer.refused(String.valueOf(failed.getMessage()).split("\n", 2)[0]);
        }
    }

    private static Precision precision(String name) {
        return Precision.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }

    private static Answer decode(Path image, int times) throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        return timed(times, () -> ImageDecoder.decode(bytes, ImageLimits.defaults()));
    }

    private static Answer resize(Path image, int times) throws IOException {
        Pixels pixels = ImageDecoder.decode(Files.readAllBytes(image), ImageLimits.defaults());
        return timed(times, () -> Preprocessing.validation(pixels, PeerNetworks.EDGE));
    }

    private static Answer augment(Path image, int times) throws IOException {
        Pixels pixels = ImageDecoder.decode(Files.readAllBytes(image), ImageLimits.defaults());
        Augmentation augmentation = BenchJob.defaults().augmentation();
        int[] epoch = {0};
        return timed(
                times, () -> Preprocessing.training(pixels, augmentation, PeerNetworks.EDGE, 1, ++epoch[0], epoch[0]));
    }

    private static Answer timed(int times, Runnable work) {
        double[] seconds = new double[times];
        for (int i = 0; i < times; i++) {
            long began = System.nanoTime();
            work.run();
            seconds[i] = (System.nanoTime() - began) / 1e9;
        }
        return Answer.of(Arrays.stream(seconds).sorted().toArray());
    }

    /** {@code train JOB STORE CACHE ROOT}: seconds of each of the job's epochs. */
    private static Answer train(boolean saving, String... command) throws IOException {
        return training(command).run(job(command), saving);
    }

    private static TrainingJob job(String... command) throws IOException {
        return Json.read(Files.readAllBytes(Path.of(command[1])), TrainingJob.class);
    }

    private static PeerTraining training(String... command) {
        return new PeerTraining(Path.of(command[2]), Path.of(command[3]), Path.of(command[4]));
    }
}

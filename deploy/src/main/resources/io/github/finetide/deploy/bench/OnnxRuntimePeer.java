import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;

/**
 * ONNX Runtime beside Finetide, on the same weights: run from this source by {@code java}, with ONNX
 * Runtime alone on the class path. Reads commands from its input and answers each with a line: "=" and
 * numbers, or "!" and a reason.
 */
final class OnnxRuntimePeer {
    private static final int EDGE = 256;
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    private OnnxRuntimePeer(String model) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
        session = environment.createSession(model, options);
    }

    public static void main(String[] arguments) throws OrtException, IOException {
        OnnxRuntimePeer peer = new OnnxRuntimePeer(arguments[0]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(peer.answer(line.split("\t")));
        }
    }

    private String answer(String[] command) {
        try {
            return switch (command[0]) {
                case "forward" -> forward(Integer.parseInt(command[2]), Integer.parseInt(command[3]));
                case "logits" -> logits();
                default -> "! unknown command " + command[0];
            };
        } catch (OrtException | RuntimeException failed) {
            return "! " + failed;
        }
    }

    private String forward(int batch, int times) throws OrtException {
        float[] images = new float[batch * 3 * EDGE * EDGE];
        Random random = new Random(1);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        StringBuilder answer = new StringBuilder("=");
        try (OnnxTensor input = tensor(batch, images)) {
            for (int i = 0; i < times; i++) {
                long began = System.nanoTime();
                run(input);
                answer.append(' ').append((System.nanoTime() - began) / 1e9);
            }
        }
        return answer.toString();
    }

    private String logits() throws OrtException {
        float[] image = new float[3 * EDGE * EDGE];
        for (int i = 0; i < image.length; i++) {
            int channel = i % 3;
            float value = (31 * i + i / 97) % 256;
            image[channel * EDGE * EDGE + i / 3] = (value / 255 - MEAN[channel]) / STD[channel];
        }
        StringBuilder answer = new StringBuilder("=");
        try (OnnxTensor input = tensor(1, image)) {
            for (float logit : run(input)[0]) {
                answer.append(' ').append(logit);
            }
        }
        return answer.toString();
    }

    private OnnxTensor tensor(int batch, float[] images) throws OrtException {
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), new long[] {batch, 3, EDGE, EDGE});
    }

    private float[][] run(OnnxTensor input) throws OrtException {
        try (OrtSession.Result result = session.run(Map.of("images", input))) {
            return (float[][]) result.get(0).getValue();
        }
    }
}

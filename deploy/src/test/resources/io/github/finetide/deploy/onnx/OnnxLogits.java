import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Prints a model's logits, a line an image, then its metadata. Arguments: model, file of the input, batch, size. */
final class OnnxLogits {
    public static void main(String[] arguments) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(arguments[1])))
                .order(ByteOrder.nativeOrder());
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
        direct.put(bytes).flip();
        long batch = Long.parseLong(arguments[2]);
        long size = Long.parseLong(arguments[3]);
        long[] shape = {batch, 3, size, size};
        boolean pixels = direct.remaining() == batch * 3 * size * size;
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(arguments[0]);
                OnnxTensor input = pixels
                        ? OnnxTensor.createTensor(environment, direct, shape, OnnxJavaType.UINT8)
                        : OnnxTensor.createTensor(environment, direct.asFloatBuffer(), shape);
                OrtSession.Result result = session.run(Map.of("input", input))) {
            for (float[] logits : (float[][]) result.get("logits").orElseThrow().getValue()) {
                StringBuilder line = new StringBuilder();
                for (float logit : logits) {
                    line.append(logit).append(' ');
                }
                System.out.println(line);
            }
            System.out.println(new TreeMap<>(session.getMetadata().getCustomMetadata()));
        }
    }
}

package io.github.finetide.image.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.message.FaultException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** In a process with too little memory for all of its images at once, and for one that is large. */
class BoundedDecoderTest {
    private static final int THREADS = 16;

    @Test
    void manyThreadsDecodeInMemoryForAFewAndWhatFitsNowhereIsOutOfMemory() throws Exception {
        assertThat(lines("-Xmx96m")).containsExactly(THREADS + " decoded", "out_of_memory");
    }

    private static List<String> lines(String heap) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        heap,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        InLittleMemory.class.getName())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    /** Decodes an image in each of many threads, then one that has no room. */
    static final class InLittleMemory {
        private static final int WIDTH = 2000;
        private static final int HEIGHT = 1500; // 9 MB as RGB, 33 MB at most while it is decoded
        private static final int LARGE = 6000;

        public static void main(String[] arguments) throws Exception {
            BoundedDecoder decoder = BoundedDecoder.of(
                    ImageLimits.defaults(), Runtime.getRuntime().maxMemory());
            System.out.println(together(decoder, jpeg(WIDTH, HEIGHT)) + " decoded");
            try {
                System.out.println(decoder.decode(jpeg(LARGE, LARGE), Pixels::width));
            } catch (FaultException e) {
                System.out.println(e.kind().wire());
            }
        }

        private static int together(BoundedDecoder decoder, byte[] image) throws Exception {
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            List<Future<Integer>> sizes = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                sizes.add(threads.submit(() -> decoder.decode(image, Pixels::width)));
            }
            int decoded = 0;
            for (Future<Integer> size : sizes) {
                decoded += size.get() == WIDTH ? 1 : 0;
            }
            threads.shutdown();
            return decoded;
        }

        /** Grey, so that making it takes less than decoding it. */
        private static byte[] jpeg(int width, int height) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY), "jpg", out);
            return out.toByteArray();
        }
    }
}

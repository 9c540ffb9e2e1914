package io.github.finetide.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.features.FeatureStore;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.FeatureImage;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.FeatureResult;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Sha256;
import io.github.finetide.store.Store;
import io.github.finetide.store.Stores;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Helpers that die, sleep, lie, lose files or have another processor, and owners that are killed: the rows stay the same. */
class SharedExtractionTest {
    private static final int IMAGES = 48;
    private static final int BATCH = 4;
    private static final int EDGE = 16;
    private static final int COLUMNS = 4;
    private static final int ROUNDS = 10;
    private static final String BACKBONE = "made-up";
    private static final Instant AT = Instant.EPOCH;
    private static final long SEED = Long.getLong("finetide.seed", System.nanoTime());

    @TempDir
    Path folder;

    private final Map<URI, byte[]> files = new HashMap<>();
    private final PixelLoader loader = new PixelLoader(2);
    private final ImageReader reader = new ImageReader(this::file, BoundedDecoder.of(ImageLimits.defaults(), 1L << 30));
    private FeatureCounts counts = FeatureCounts.NONE;

    @BeforeEach
    void paint() throws IOException {
        for (int i = 0; i < IMAGES; i++) {
            BufferedImage image = new BufferedImage(EDGE, EDGE, BufferedImage.TYPE_INT_RGB);
            image.setRGB(i % EDGE, i / EDGE, 0xffffff - i);
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(image, "png", png);
            files.put(uri(i), png.toByteArray());
        }
    }

    @AfterEach
    void close() {
        loader.close();
    }

    @Test
    void rowsAreTheSameWhateverHelpersDo() throws IOException {
        System.out.println("-Dfinetide.seed=" + SEED);
        List<ByteBuffer> alone = rows(open("alone"), () -> FeatureHelpers.NONE, -1);
        assertThat(counts).isEqualTo(new FeatureCounts(IMAGES, 0, IMAGES, 0));
        long byHelpers = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Path store = folder.resolve("store" + round);
            Random random = new Random(SEED + round);
            assertThat(rows(open(store), () -> new Unreliable(store, random), -1))
                    .as("round %d", round)
                    .isEqualTo(alone);
            assertThat(counts.reused() + counts.computed() + counts.byHelpers()).isEqualTo(IMAGES);
            byHelpers += counts.byHelpers();
        }
        assertThat(byHelpers).isGreaterThan(IMAGES);
    }

    @Test
    void ownersThatAreKilledLoseNothing() throws IOException {
        List<ByteBuffer> alone = rows(open("alone"), () -> FeatureHelpers.NONE, -1);
        Path store = folder.resolve("killed");
        Random random = new Random(SEED);
        for (int kill = 0; kill < ROUNDS; kill++) {
            assertThat(rows(open(store), () -> new Unreliable(store, random), 1 + random.nextInt(3)))
                    .satisfiesAnyOf(
                            rows -> assertThat(rows).isEmpty(),
                            rows -> assertThat(rows).isEqualTo(alone));
        }
        assertThat(rows(open(store), () -> FeatureHelpers.NONE, -1)).isEqualTo(alone);
        assertThat(counts.reused()).isPositive();
    }

    @Test
    void goodHelpersDoAllButWhatTheOwnerDoesMeanwhile() throws IOException {
        Path store = folder.resolve("store");
        rows(open(store), () -> new Diligent(store), -1);
        assertThat(counts.byHelpers()).isGreaterThan(3 * counts.computed());
        assertThat(counts.byHelpers() + counts.computed()).isEqualTo(IMAGES);
    }

    private Store open(String name) throws IOException {
        return open(folder.resolve(name));
    }

    private static Store open(Path store) throws IOException {
        return Stores.open(Files.createDirectories(store).toUri(), store);
    }

    private byte[] file(URI uri) {
        return Objects.requireNonNull(files.get(uri));
    }

    private URI uri(int image) {
        return folder.resolve(image + ".png").toUri();
    }

    /** The rows, or none where the owner was killed after so many batches. */
    private List<ByteBuffer> rows(Store store, FeatureHelpers.Source helpers, int killAfter) {
        counts = FeatureCounts.NONE;
        FeatureOrder order =
                new FeatureOrder(helpers, "job", Architecture.CNN, Precision.FP32, "0".repeat(64), null, EDGE, 0);
        FeatureExtraction extraction =
                new FeatureExtraction(loader, network(), new FeatureStore(store, "owner", 1 << 30), account(), order);
        ImageSet images = ImageSet.of(all(), reader);
        BatchSampler pass = new BatchSampler(images, 1, EpochOrder.sequential(IMAGES), 8);
        try (FeatureTable table = new FeatureTable(IMAGES, COLUMNS, 1 << 20, folder)) {
            int[] batches = new int[1];
            List<String> unused = extraction.fill(table, pass, (batch, all, count) -> {
                if (++batches[0] == killAfter) {
                    throw new IllegalStateException("killed");
                }
            });
            return IntStream.range(0, IMAGES)
                    .mapToObj(i -> table.rows(new int[] {i}))
                    .toList();
        } catch (IllegalStateException killed) {
            assertThat(killed).hasMessage("killed");
            return List.of();
        }
    }

    private FeatureRequest all() {
        List<FeatureImage> images = IntStream.range(0, IMAGES)
                .mapToObj(i -> new FeatureImage(uri(i), Sha256.hex(file(uri(i)))))
                .toList();
        return new FeatureRequest(
                "job",
                "0".repeat(64),
                BACKBONE,
                Architecture.CNN,
                Precision.FP32,
                "0".repeat(64),
                null,
                EDGE,
                null,
                0,
                1,
                "?",
                images,
                AT,
                AT);
    }

    private FeatureEvents account() {
        return new FeatureEvents() {
            @Override
            public void found(int reused, int missing) {
                counts = counts.withFound(reused, missing);
            }

            @Override
            public void computed(int images) {
                counts = counts.withComputed(images);
            }

            @Override
            public void helped(int images) {
                counts = counts.withHelped(images);
            }
        };
    }

    /** An image's row is made of its pixels. */
    private static FeatureNetwork network() {
        return new FeatureNetwork(BACKBONE, COLUMNS, BATCH, batch -> {
            ByteBuffer pixels = ((PixelBatch) batch).pixels();
            ByteBuffer rows = ByteBuffer.allocate(BATCH * COLUMNS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int image = 0; image < BATCH; image++) {
                byte[] bytes = new byte[EDGE * EDGE * 3];
                pixels.get(image * bytes.length, bytes);
                rows.put(Sha256.of(bytes), 0, COLUMNS * Float.BYTES);
            }
            return rows.flip();
        });
    }

    /** Does what it is asked for at once. */
    private class Diligent implements FeatureHelpers {
        final Deque<FeatureResult> answers = new ArrayDeque<>();
        final Path store;

        Diligent(Path store) {
            this.store = store;
        }

        @Override
        public boolean ask(FeatureRequest request) {
            compute(request);
            answer(request, null);
            return true;
        }

        final void compute(FeatureRequest request) {
            try (PixelLoader own = new PixelLoader(1)) {
                FeatureStore features = new FeatureStore(open(store), "helper", 1 << 30);
                ImageSet images = ImageSet.of(request, reader);
                BatchSampler pass = new BatchSampler(images, 1, EpochOrder.sequential(images.size()), BATCH);
                List<String> unused = new FeatureExtraction(own, network(), features, FeatureEvents.NONE, null)
                        .store(pass, folder, (batch, batches, count) -> {});
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        final void answer(FeatureRequest request, @Nullable ErrorDetail error) {
            answers.add(new FeatureResult("job", request.part(), null, null, 0, 1, "helper", error, AT));
        }

        @Override
        public List<FeatureResult> answers() {
            List<FeatureResult> some = new ArrayList<>(answers);
            answers.clear();
            return some;
        }

        @Override
        public void close() {}
    }

    private final class Unreliable extends Diligent {
        private final Random random;
        private final Deque<FeatureRequest> asleep = new ArrayDeque<>();

        Unreliable(Path store, Random random) {
            super(store);
            this.random = random;
        }

        @Override
        public boolean ask(FeatureRequest request) {
            switch (random.nextInt(7)) {
                case 0 -> {} // died before it began
                case 1 -> compute(request); // died before it could say so
                case 2 -> answer(request, null); // lies
                case 3 -> answer(request, new ErrorDetail(ErrorKind.INVALID, "another processor"));
                case 4 -> asleep.add(request);
                case 5 -> {
                    compute(request);
                    answer(request, null);
                    damage();
                }
                default -> {
                    compute(request);
                    answer(request, null);
                }
            }
            return random.nextInt(20) > 0;
        }

        @Override
        public List<FeatureResult> answers() {
            if (!asleep.isEmpty() && random.nextInt(3) == 0) {
                FeatureRequest request = asleep.remove();
                compute(request);
                answer(request, null);
            }
            return super.answers();
        }

        private void damage() {
            try (Stream<Path> all = Files.walk(store)) {
                List<Path> shards = all.filter(file -> file.toFile().length() > 0)
                        .filter(Files::isRegularFile)
                        .sorted()
                        .toList();
                if (shards.isEmpty()) {
                    return;
                }
                Path victim = shards.get(random.nextInt(shards.size()));
                if (random.nextBoolean()) {
                    Files.delete(victim);
                } else {
                    byte[] bytes = Files.readAllBytes(victim);
                    bytes[random.nextInt(bytes.length)] ^= 1;
                    Files.write(victim, bytes);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

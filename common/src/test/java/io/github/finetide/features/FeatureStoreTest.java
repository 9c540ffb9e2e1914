package io.github.finetide.features;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.store.Store;
import io.github.finetide.store.Stores;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureStoreTest {
    private static final int COLUMNS = 5;

    @TempDir
    Path folder;

    private Store store;
    private FeatureStore features;

    @BeforeEach
    void open() {
        store = Stores.open(folder.toUri(), folder);
        features = new FeatureStore(store, "worker", FeatureStore.DEFAULT_MAX_BYTES);
    }

    @Test
    void rowsThatAreReadAreTheRowsThatWereWritten() {
        write(backbone(), 0, 3);
        write(backbone(), 3, 4);

        assertThat(read(0, 10)).isEqualTo(rows(0, 4));
        assertThat(read(2, 3)).isEqualTo(rows(2, 3));
    }

    @Test
    void rowsOfOtherBackbonesAndPreparationsAreOthers() {
        write(backbone(), 0, 3);

        assertThat(features.backbone("other", COLUMNS).read(keys(0, 3), (key, row) -> {}))
                .isZero();
        assertThat(RowKey.of(new byte[32], "resize 64")).isNotEqualTo(RowKey.of(new byte[32], "resize 65"));
    }

    @Test
    void shardIsSafetensorsNamedByItsDigest() throws IOException {
        String sha256 = write(backbone(), 0, 3);

        Path shard = folder.resolve("features/resnet/" + sha256 + ".safetensors");
        StateDict tensors = SafeTensors.read(shard);
        assertThat(tensors.get("keys").shape()).containsExactly(3, 32);
        assertThat(tensors.get("features").shape()).containsExactly(3, COLUMNS);
        assertThat(tensors.get("features").bytes()).isEqualTo(floats(0, 3));
    }

    @Test
    void damagedFileIsNeverTrusted() throws IOException {
        long seed = 17;
        Random random = new Random(seed);
        for (int round = 0; round < 12; round++) {
            write(backbone(), 0, 2);
            write(backbone(), 2, 4);
            Path damaged = files().get(random.nextInt(files().size()));
            damage(damaged, random);

            Map<RowKey, List<Float>> found = read(0, 4);

            assertThat(rows(0, 4))
                    .as("seed %d, round %d: %s", seed, round, damaged)
                    .containsAllEntriesOf(found);
            assertThat(found).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void damagedShardIsRemovedAndItsRowsCanBeWrittenAgain() throws IOException {
        String sha256 = write(backbone(), 0, 3);
        Path shard = folder.resolve("features/resnet/" + sha256 + ".safetensors");
        Files.write(shard, new byte[] {1, 2, 3});

        assertThat(read(0, 3)).isEmpty();
        assertThat(files()).isEmpty();
        assertThat(write(backbone(), 0, 3)).isEqualTo(sha256);
        assertThat(read(0, 3)).isEqualTo(rows(0, 3));
    }

    @Test
    void lostFileIsMissingAndNoMore() throws IOException {
        write(backbone(), 0, 2);
        write(backbone(), 2, 4);
        for (Path file : files()) {
            byte[] kept = Files.readAllBytes(file);
            Files.delete(file);
            assertThat(read(0, 4)).hasSize(2);
            Files.write(file, kept);
        }
        assertThat(read(0, 4)).hasSize(4);
    }

    @Test
    void rowsThatADamagedShardHadAreFoundInAnother() throws IOException {
        String first = write(backbone(), 0, 3);
        write(backbone(), 1, 4);
        Files.write(folder.resolve("features/resnet/" + first + ".safetensors"), new byte[9]);

        assertThat(read(0, 4)).isEqualTo(rows(1, 4));
    }

    @Test
    void manyWritersAndReadersAtOnceHarmNothing() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            int from = i % 7;
            work.add(threads.submit(() -> write(backbone(), from, from + 5)));
            work.add(threads.submit(() -> assertThat(rows(0, 12)).containsAllEntriesOf(read(0, 12))));
        }
        for (Future<?> one : work) {
            one.get();
        }
        threads.shutdown();

        assertThat(read(0, 11)).isEqualTo(rows(0, 11));
        assertThat(files()).hasSize(14);
    }

    @Test
    void shardsUsedLongestAgoGoFirst() throws IOException {
        write(backbone(), 0, 2);
        write(backbone(), 2, 4);
        write(features.backbone("other", COLUMNS), 4, 6);
        makeOld();
        assertThat(read(2, 3)).hasSize(1);
        long all =
                features.usage().stream().mapToLong(FeatureStore.Usage::bytes).sum();

        assertThat(features.prune(all)).isZero();
        assertThat(features.prune(all / 2)).isEqualTo(all / 3 * 2);
        assertThat(read(0, 6)).isEqualTo(rows(2, 4));
        assertThat(features.prune(0)).isEqualTo(all / 3);
        assertThat(files()).isEmpty();
    }

    @Test
    void usageCountsRowsAndBytesOfEachBackbone() throws IOException {
        write(backbone(), 0, 2);
        write(backbone(), 2, 5);
        write(features.backbone("other", COLUMNS), 4, 6);

        List<FeatureStore.Usage> usage = features.usage();

        assertThat(usage).extracting(FeatureStore.Usage::backbone).containsExactly("other", "resnet");
        assertThat(usage).extracting(FeatureStore.Usage::rows).containsExactly(2L, 5L);
        assertThat(usage).extracting(FeatureStore.Usage::shards).containsExactly(1, 2);
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
        assertThat(usage.stream().mapToLong(FeatureStore.Usage::bytes).sum()).isEqualTo(bytes);
    }

    @Test
    void verificationRemovesDamagedShardsAndMendsIndexes() throws IOException {
        String damaged = write(backbone(), 0, 2);
        String unnamed = write(backbone(), 2, 4);
        String orphan = write(backbone(), 4, 6);
        write(backbone(), 6, 8);
        Files.write(folder.resolve("features/resnet/" + damaged + ".safetensors"), new byte[100]);
        Files.delete(folder.resolve("features/resnet/" + unnamed + ".keys"));
        Files.delete(folder.resolve("features/resnet/" + orphan + ".safetensors"));

        FeatureStore.Verification verified = features.verify();

        assertThat(verified.shards()).isEqualTo(4);
        assertThat(verified.removed()).hasSize(2);
        assertThat(verified.mended()).hasSize(1);
        assertThat(read(0, 8).keySet())
                .isEqualTo(Map.copyOf(merged(rows(2, 4), rows(6, 8))).keySet());
        assertThat(features.verify().removed()).isEmpty();
    }

    private static Map<RowKey, List<Float>> merged(Map<RowKey, List<Float>> a, Map<RowKey, List<Float>> b) {
        Map<RowKey, List<Float>> both = new HashMap<>(a);
        both.putAll(b);
        return both;
    }

    private BackboneFeatures backbone() {
        return features.backbone("resnet", COLUMNS);
    }

    private static String write(BackboneFeatures backbone, int from, int to) {
        return backbone.write(keys(from, to), floats(from, to));
    }

    private Map<RowKey, List<Float>> read(int from, int to) {
        Map<RowKey, List<Float>> found = new HashMap<>();
        int count = backbone().read(keys(from, to), (key, row) -> found.put(key, list(row)));
        assertThat(found).hasSize(count);
        return found;
    }

    private static List<RowKey> keys(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(image -> RowKey.of(sha256(image), "resize 64"))
                .toList();
    }

    private static byte[] sha256(int image) {
        byte[] digest = new byte[32];
        digest[3] = (byte) image;
        return digest;
    }

    private static Map<RowKey, List<Float>> rows(int from, int to) {
        Map<RowKey, List<Float>> rows = new HashMap<>();
        for (int image = from; image < to; image++) {
            rows.put(keys(image, image + 1).get(0), list(floats(image, image + 1)));
        }
        return rows;
    }

    private static ByteBuffer floats(int from, int to) {
        ByteBuffer bytes =
                ByteBuffer.allocate((to - from) * COLUMNS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(from * COLUMNS, to * COLUMNS).forEach(i -> bytes.putFloat(1f / (i + 1)));
        return bytes.flip();
    }

    private static List<Float> list(ByteBuffer row) {
        List<Float> values = new ArrayList<>();
        while (row.hasRemaining()) {
            values.add(row.getFloat());
        }
        return values;
    }

    /** The files of features: the store's own marker is beside them. */
    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("features"))) {
            return files.filter(Files::isRegularFile)
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }

    private void makeOld() throws IOException {
        for (Path file : files()) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        }
    }

    private static void damage(Path file, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (random.nextBoolean()) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
        } else {
            Files.write(file, Arrays.copyOf(bytes, random.nextInt(2 * bytes.length)));
        }
    }
}

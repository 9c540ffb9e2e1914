package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.features.FeatureStore;
import io.github.finetide.features.RowKey;
import io.github.finetide.store.Store;
import io.github.finetide.store.Stores;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class StoreCommandTest {
    @TempDir
    Path folder;

    private String shard = "";

    @BeforeEach
    void write() {
        try (Store store = Stores.open(folder.toUri(), folder)) {
            RowKey key = RowKey.of(new byte[32], "");
            shard = new FeatureStore(store, "test", FeatureStore.DEFAULT_MAX_BYTES)
                    .backbone("resnet", 1)
                    .write(List.of(key), ByteBuffer.allocate(4));
        }
    }

    @Test
    void damagedShardIsFoundAndRemoved() throws IOException {
        assertThat(run("usage")).isZero();
        assertThat(run("verify")).isZero();
        Files.write(folder.resolve("features/resnet/" + shard + ".safetensors"), new byte[3]);

        assertThat(run("verify")).isEqualTo(1);
        assertThat(run("verify")).isZero();
        assertThat(files()).isZero();
    }

    @Test
    void pruningToALimitLeavesNoMore() throws IOException {
        assertThat(run("prune", "--feature-store-limit", "1g")).isZero();
        assertThat(files()).isEqualTo(2);
        assertThat(run("prune", "--feature-store-limit", "0")).isZero();
        assertThat(files()).isZero();
        assertThat(run("prune")).as("without a limit").isEqualTo(2);
        assertThat(run("prune", "--feature-store-limit", "some")).isEqualTo(2);
    }

    @Test
    void storeThatIsNotThereIsNotMade() {
        Path missing = folder.resolve("missing");
        assertThat(execute("store", "usage", "--store", missing.toString())).isEqualTo(1);
        assertThat(missing).doesNotExist();
    }

    private int run(String command, String... more) {
        return execute(Stream.of(List.of("store", command), List.of(more), List.of("--store", folder.toString()))
                .flatMap(List::stream)
                .toArray(String[]::new));
    }

    private static int execute(String... arguments) {
        CommandLine command = FinetideMain.commandLine();
        command.setErr(new PrintWriter(new StringWriter()));
        return command.execute(arguments);
    }

    private long files() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("features"))) {
            return all.filter(Files::isRegularFile).count();
        }
    }
}

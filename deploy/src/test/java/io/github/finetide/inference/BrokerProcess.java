package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.FinetideMain;
import io.github.finetide.deploy.JavaProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A broker that can be killed: {@code finetide broker} in a process of its own, on one port and one folder. */
final class BrokerProcess implements AutoCloseable {
    private static final long STOP_SECONDS = 60;

    private final int port;
    private final Path folder;
    private Process process;

    BrokerProcess(int port, Path folder) throws IOException {
        this.port = port;
        this.folder = folder;
        this.process = start();
    }

    private Process start() throws IOException {
        return JavaProcess.of(FinetideMain.class, "320m", List.of("broker", "--port=" + port, "--data=" + folder))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolveSibling("broker.log").toFile()))
                .start();
    }

    String bootstrapServers() {
        return "localhost:" + port;
    }

    void killAndRestart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        process = start();
    }

    void restart() throws IOException, InterruptedException {
        process.destroy();
        assertThat(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS))
                .as("the broker ends after SIGTERM")
                .isTrue();
        process = start();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

package io.github.finetide.deploy.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/** Where the broker keeps everything. */
final class DataFolder {
    private DataFolder() {}

    /**
     * Makes the folder ready for a broker; one that was used before is left as it is.
     *
     * @return whether it was used before
     * @throws IllegalStateException when it cannot be written or another broker uses it
     */
    static boolean prepare(Path folder, Properties broker) {
        try {
            Files.createDirectories(folder);
            checkUnused(folder);
            boolean used = Files.exists(folder.resolve("meta.properties"));
            if (!used) {
                format(broker);
            }
            return used;
        } catch (IOException e) {
            throw new IllegalStateException("the data folder %s cannot be used: %s".formatted(folder, e), e);
        }
    }

    /** Kafka holds this lock while it runs, and halts the whole JVM when it cannot have it. */
    private static void checkUnused(Path folder) throws IOException {
        try (FileChannel file =
                        FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.tryLock()) {
            if (lock != null) {
                return;
            }
        } catch (OverlappingFileLockException inThisProcess) {
            // reported below
        }
        throw new IllegalStateException("another broker uses the data folder %s".formatted(folder));
    }

    private static void format(Properties broker) throws IOException {
        Path file = Files.createTempFile("finetide-broker", ".properties");
        try {
            try (Writer writer = Files.newBufferedWriter(file)) {
                broker.store(writer, null);
            }
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            String[] arguments = {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()};
            int exit = StorageTool.execute(arguments, new PrintStream(output, true, StandardCharsets.UTF_8));
            if (exit != 0) {
                throw new IOException("not formatted: " + output.toString(StandardCharsets.UTF_8));
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }
}

package io.github.finetide.network.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process that locks a file and then does nothing. */
final class LockHolder {
    private LockHolder() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (FileChannel file =
                        FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
                FileLock lock = file.lock()) {
            System.out.print(lock.isValid() ? 'L' : 'N');
            System.out.flush();
            Thread.sleep(60_000);
        }
    }
}

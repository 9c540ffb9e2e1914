package io.github.finetide.deploy.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.deploy.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The file of results: a line an image, in the order in which they come. A run that was killed leaves whole lines and
 * perhaps a torn one, which is cut off; the next run does what is missing.
 */
final class BulkResults implements AutoCloseable {
    private static final int TAIL_BYTES = 1 << 16;

    private final FileChannel file;
    private final BulkFormat format;
    private final BulkSummary summary;
    /** How many lines of earlier runs an image has: a list may name it twice. */
    private final Map<String, Integer> done = new HashMap<>();

    private BulkResults(FileChannel file, BulkFormat format, BulkSummary summary) {
        this.file = file;
        this.format = format;
        this.summary = summary;
    }

    /**
     * Opens the file for this run alone.
     *
     * @param summary learns of every line, those of earlier runs too
     */
    static BulkResults open(Path path, BulkFormat format, BulkSummary summary) throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (file.tryLock() == null) {
                throw new CommandFailure(path + " is being written by another run");
            }
            cutTornLine(file);
            BulkResults results = new BulkResults(file, format, summary);
            results.readEarlierRuns(path);
            if (file.size() == 0 && !format.header().isEmpty()) {
                results.write(format.header());
            }
            return results;
        } catch (IOException | RuntimeException failed) {
            file.close();
            throw failed;
        }
    }

    /** Whether an earlier run has a line of the image; each line answers once. */
    boolean takeDone(String image) {
        Integer lines = done.get(image);
        if (lines == null) {
            return false;
        }
        if (lines == 1) {
            done.remove(image);
        } else {
            done.put(image, lines - 1);
        }
        return true;
    }

    void add(ObjectNode result) throws IOException {
        write(format.line(result));
        summary.add(BulkRow.of(result));
    }

    private void write(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            int written = file.write(bytes, file.size());
            if (written == 0) {
                throw new IOException("nothing can be written");
            }
        }
    }

    private static void cutTornLine(FileChannel file) throws IOException {
        long end = file.size();
        ByteBuffer block = ByteBuffer.allocate(TAIL_BYTES);
        while (end > 0) {
            long start = Math.max(0, end - TAIL_BYTES);
            block.clear().limit((int) (end - start));
            while (block.hasRemaining() && file.read(block, start + block.position()) > 0) {}
            for (int i = block.position() - 1; i >= 0; i--) {
                if (block.get(i) == '\n') {
                    file.truncate(start + i + 1);
                    return;
                }
            }
            end = start;
        }
        file.truncate(0);
    }

    private void readEarlierRuns(Path path) throws IOException {
        Reader reader = Channels.newReader(file.position(0), UTF_8);
        BufferedReader lines = new BufferedReader(reader); // not closed: the channel goes on
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (number == 1 && line.equals(format.header())) {
                continue;
            }
            BulkRow row = row(path, number, line);
            summary.add(row);
            done.merge(row.image(), 1, Integer::sum);
        }
    }

    private BulkRow row(Path path, int number, String line) {
        try {
            return format.row(line);
        } catch (JsonProcessingException | IllegalArgumentException other) {
            throw new CommandFailure(
                    "%s, line %d, is no result of this command (%s): write to another file, or with --csv as before"
                            .formatted(path, number, format.name().toLowerCase(Locale.ROOT)));
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

package io.github.finetide.inference;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Requests over small images, a few of them bad in every way there is, and what each must come to. */
final class ChaosRequests implements AutoCloseable {
    static final String CLASSIFIED = "classified";
    static final double BAD = 0.02;

    private static final int IMAGES = 20;

    /** One kind of bad request: what it must come to, and its text around the request's id. */
    private record Bad(String outcome, String template) {}

    /**
     * A request.
     *
     * @param outcome {@code classified} or the kind of its rejection
     * @param model it asks for
     * @param version it pins; empty for the newest
     */
    record Sent(String id, String value, String outcome, String model, String version) {}

    private final Random random;
    private final Path folder;
    private final HostileWebServer server;
    /** Another host: what befalls it does not befall the first. */
    private final HostileWebServer hostile;

    private final HostileWebServer tarpit;

    private final List<Bad> bad = new ArrayList<>();
    private int count;
    private int badOnes;

    /** @param closedPort where nobody listens */
    ChaosRequests(long seed, Path folder, int closedPort) throws IOException, InterruptedException {
        this.random = new Random(seed);
        this.folder = folder;
        writeImages();
        server = new HostileWebServer(Files.readAllBytes(folder.resolve("image-0.png")));
        hostile = new HostileWebServer(Files.readAllBytes(folder.resolve("image-0.png")));
        tarpit = new HostileWebServer(new byte[0]);
        describeBad(closedPort);
    }

    private void writeImages() throws IOException, InterruptedException {
        for (int i = 0; i < IMAGES; i++) {
            BufferedImage image =
                    new BufferedImage(20 + random.nextInt(60), 20 + random.nextInt(60), BufferedImage.TYPE_INT_RGB);
            image.setRGB(i % 20, i % 20, random.nextInt());
            ImageIO.write(image, "png", folder.resolve("image-" + i + ".png").toFile());
        }
        byte[] good = Files.readAllBytes(folder.resolve("image-0.png"));
        Files.write(folder.resolve("truncated.png"), Arrays.copyOf(good, good.length - 30));
        Files.write(folder.resolve("bomb.png"), claiming60000SquarePixels(good));
        Files.write(folder.resolve("empty.png"), new byte[0]);
        Files.writeString(folder.resolve("text.png"), "no image");
        Files.createDirectory(folder.resolve("directory.png"));
        Files.createSymbolicLink(folder.resolve("link.png"), Path.of("/etc/passwd"));
        new ProcessBuilder("mkfifo", folder.resolve("fifo.png").toString())
                .start()
                .waitFor();
    }

    private static byte[] claiming60000SquarePixels(byte[] png) {
        byte[] bomb = png.clone();
        ByteBuffer.wrap(bomb).putInt(16, 60_000).putInt(20, 60_000);
        CRC32 sum = new CRC32();
        sum.update(bomb, 12, 17);
        ByteBuffer.wrap(bomb).putInt(29, (int) sum.getValue());
        return bomb;
    }

    private void describeBad(int closedPort) {
        // First, because it takes longest: not to be waited for at the end.
        web(tarpit, "unavailable", "tarpit");
        image("undecodable", "truncated.png");
        image("undecodable", "empty.png");
        image("undecodable", "text.png");
        image("too_large", "bomb.png");
        image("not_found", "nowhere.png");
        image("not_allowed", "directory.png");
        image("not_allowed", "fifo.png");
        image("not_allowed", "link.png");
        bad("not_allowed", "\"image\": \"file:///dev/zero\", \"model\": \"dishes\"}");
        bad("not_allowed", "\"image\": \"http://169.254.169.254/latest/meta-data\", \"model\": \"dishes\"}");
        bad("unavailable", "\"image\": \"http://127.0.0.1:" + closedPort + "/a.png\", \"model\": \"dishes\"}");
        web(hostile, "unavailable", "busy", "short", "drop", "garbage", "headers");
        web(hostile, "not_found", "gone", "loop", "nowhere");
        web(hostile, "not_allowed", "private", "file");
        web(hostile, "too_large", "huge", "endless");
        web(hostile, "undecodable", "cut");
        bad("unknown_model", "\"image\": \"" + uri("image-0.png") + "\", \"model\": \"nobody\"}");
        bad("unknown_model", "\"image\": \"" + uri("image-0.png") + "\", \"model\": \"dishes\", \"version\": \"x@1\"}");
        bad(
                "expired",
                "\"model\": \"birds\", \"image\": \"" + uri("image-0.png")
                        + "\", \"expiresAt\": \"2020-01-01T00:00:00.000Z\"}");
        bad("invalid", "\"image\": \"" + uri("image-0.png") + "\", \"topk\": 1}");
        bad("malformed", "\"image\": ");
    }

    private void web(HostileWebServer host, String outcome, String... paths) {
        for (String path : paths) {
            bad(outcome, "\"image\": \"" + host.uri("/" + path + "/a.png") + "\", \"model\": \"dishes\"}");
        }
    }

    private void image(String outcome, String file) {
        bad(outcome, "\"image\": \"" + uri(file) + "\", \"model\": \"dishes\"}");
    }

    private void bad(String outcome, String rest) {
        bad.add(new Bad(outcome, "{\"requestId\": \"%s\", " + rest));
    }

    private String uri(String file) {
        return folder.resolve(file).toUri().toString();
    }

    /** Most from the disk, some from a web server, which is fast, or slow, or fails twice first. */
    private String source(String id) {
        return switch (random.nextInt(30)) {
            case 0 -> server.uri("/good/" + id);
            case 1 -> server.uri("/flaky/" + id);
            case 2 -> server.uri("/slow/" + id);
            default -> uri("image-" + random.nextInt(IMAGES) + ".png");
        };
    }

    /** Every kind of bad request comes round, whatever the seed. */
    Sent next() {
        String id = "request-" + count++;
        if (random.nextDouble() < BAD) {
            Bad kind = bad.get(badOnes++ % bad.size());
            return new Sent(id, kind.template().replace("%s", id), kind.outcome(), "", "");
        }
        String model = random.nextInt(4) == 0 ? "birds" : "dishes";
        String version = model.equals("birds") && random.nextInt(4) == 0 ? "second@1" : "";
        String pin = version.isEmpty() ? "" : ", \"version\": \"" + version + "\"";
        String value =
                "{\"requestId\": \"%s\", \"image\": \"%s\", \"model\": \"%s\"%s}".formatted(id, source(id), model, pin);
        return new Sent(id, value, CLASSIFIED, model, version);
    }

    @Override
    public void close() {
        server.close();
        hostile.close();
        tarpit.close();
    }
}

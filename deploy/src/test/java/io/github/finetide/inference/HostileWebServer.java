package io.github.finetide.inference;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A web server that does what web servers do on a bad day, and what none should, on plain sockets. The path says what:
 * {@code /flaky/ANYTHING} fails twice before it answers.
 */
final class HostileWebServer implements AutoCloseable {
    private static final Pattern PATH = Pattern.compile(" (/([a-z]+)\\S*)");
    private static final int FAILURES_OF_FLAKY = 2;

    private final ServerSocket socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "hostile web server");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, Integer> asked = new ConcurrentHashMap<>();
    private final byte[] image;

    HostileWebServer(byte[] image) throws IOException {
        this.image = image;
        threads.execute(this::accept);
    }

    String uri(String path) {
        return "http://127.0.0.1:" + socket.getLocalPort() + path;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                threads.execute(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            BufferedReader in = new BufferedReader(new InputStreamReader(connection.getInputStream(), US_ASCII));
            String request = in.readLine();
            String header = request;
            while (header != null && !header.isEmpty()) {
                header = in.readLine();
            }
            if (request != null) {
                answer(PATH.matcher(request), connection.getOutputStream());
            }
        } catch (IOException goneAlready) {
            // The other side does not have to stay.
        }
    }

    private void answer(Matcher request, OutputStream out) throws IOException {
        String path = request.find() ? request.group(1) : "/";
        switch (path.length() > 1 ? request.group(2) : "") {
            case "good" -> image(out, image.length, image.length);
            case "flaky" -> flaky(path, out);
            case "slow" -> slow(out);
            case "busy" -> status(out, "503 Service Unavailable", "Retry-After: 1");
            case "gone" -> status(out, "410 Gone", "X: y");
            case "short" -> image(out, image.length + 1000, image.length);
            case "cut" -> image(out, image.length / 2, image.length);
            case "loop" -> status(out, "302 Found", "Location: " + path);
            case "private" -> status(out, "302 Found", "Location: http://169.254.169.254/latest/meta-data");
            case "file" -> status(out, "302 Found", "Location: file:///etc/passwd");
            case "huge" -> head(out, "200 OK", "Content-Length: 99999999999");
            case "endless" -> endless(out);
            case "headers" -> endlessHeaders(out);
            case "garbage" -> out.write(image);
            case "tarpit" -> pause(TimeUnit.HOURS.toMillis(1));
            case "drop" -> out.close();
            default -> status(out, "404 Not Found", "X: y");
        }
    }

    /** Refuses, then drops the connection, then answers, for each path. */
    private void flaky(String path, OutputStream out) throws IOException {
        int times = asked.merge(path, 1, Integer::sum);
        if (times > FAILURES_OF_FLAKY) {
            image(out, image.length, image.length);
        } else if (times == 1) {
            status(out, "503 Service Unavailable", "X: y");
        }
    }

    private static void head(OutputStream out, String status, String header) throws IOException {
        out.write(("HTTP/1.1 " + status + "\r\n" + header + "\r\nConnection: close\r\n\r\n").getBytes(US_ASCII));
        out.flush();
    }

    private static void status(OutputStream out, String status, String header) throws IOException {
        head(out, status, header + "\r\nContent-Length: 0");
    }

    private void image(OutputStream out, int claimed, int sent) throws IOException {
        head(out, "200 OK", "Content-Length: " + claimed);
        out.write(image, 0, sent);
        out.flush();
    }

    private void slow(OutputStream out) throws IOException {
        head(out, "200 OK", "Content-Length: " + image.length);
        for (byte one : image) {
            out.write(one);
            out.flush();
            pause(2);
        }
    }

    private static void endless(OutputStream out) throws IOException {
        head(out, "200 OK", "Content-Type: image/png");
        for (byte[] block = new byte[1 << 16]; ; ) {
            out.write(block);
        }
    }

    private static void endlessHeaders(OutputStream out) throws IOException {
        out.write("HTTP/1.1 200 OK\r\n".getBytes(US_ASCII));
        for (long i = 0; ; i++) {
            out.write(("X-" + i + ": " + "y".repeat(1000) + "\r\n").getBytes(US_ASCII));
        }
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdownNow();
    }
}

package io.github.finetide.deploy.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free and taken TCP ports of this machine.
 *
 * <p>See RATIONALE.md, Why is the embedded broker probed so much before it starts?
 */
public final class Ports {
    /** Below what systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere) and to Kubernetes' services. */
    private static final int FIRST = 20_000;

    private static final int PAIRS = 5_000;
    private static final int ATTEMPTS = 1_000;

    /** Bound as long as this process lives: each stands for the port before it. */
    private static final List<ServerSocket> RESERVATIONS = new ArrayList<>();

    private Ports() {}

    /** Kafka halts the whole JVM when a port is taken: so look before. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // a broker that has just ended leaves connections in TIME_WAIT
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    /**
     * A port that nothing listens on, reserved for this process as long as it lives: no other call of this method returns
     * it, in whatever process of this machine, and no outgoing connection gets it.
     *
     * @throws IllegalStateException when none was found
     */
    public static synchronized int reserve() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = FIRST + 2 * ThreadLocalRandom.current().nextInt(PAIRS);
            if (reserved(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port was found between %d and %d in %d attempts"
                .formatted(FIRST, FIRST + 2 * PAIRS, ATTEMPTS));
    }

    private static boolean reserved(int port) {
        try {
            ServerSocket reservation = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress());
            if (isFree(port)) {
                RESERVATIONS.add(reservation);
                return true;
            }
            reservation.close();
        } catch (IOException taken) {
            // another process has this pair
        }
        return false;
    }
}

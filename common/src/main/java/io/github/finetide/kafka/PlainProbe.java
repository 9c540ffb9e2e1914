package io.github.finetide.kafka;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** Finds out what an address speaks, by the first bytes that it answers to a question in plain Kafka. */
final class PlainProbe {
    enum Speech {
        PLAINTEXT,
        TLS,
        /** It takes connections, and answers nothing that is known. */
        UNKNOWN,
        AWAY
    }

    /** ApiVersions, version 0: its length (10), key 18, version 0, correlation id, no client id. */
    private static final byte[] QUESTION = {0, 0, 0, 10, 0, 18, 0, 0, 'f', 't', 'd', 'e', -1, -1};

    private static final int CORRELATION_ID = 'f' << 24 | 't' << 16 | 'd' << 8 | 'e';

    /** The content type of a TLS record that says what is wrong. */
    private static final int TLS_ALERT = 0x15;

    private PlainProbe() {}

    static Speech of(InetSocketAddress address, Duration limit) {
        try (Socket socket = new Socket()) {
            // Resolved anew: the address of Kafka's client may be an unresolved one.
            socket.connect(new InetSocketAddress(address.getHostString(), address.getPort()), (int) limit.toMillis());
            return ask(socket, limit);
        } catch (IOException away) {
            return Speech.AWAY;
        }
    }

    private static Speech ask(Socket socket, Duration limit) {
        try {
            socket.setSoTimeout((int) limit.toMillis());
            socket.getOutputStream().write(QUESTION);
            DataInputStream answer = new DataInputStream(socket.getInputStream());
            int length = answer.readInt();
            if (length >>> 24 == TLS_ALERT) {
                return Speech.TLS;
            }
            return answer.readInt() == CORRELATION_ID ? Speech.PLAINTEXT : Speech.UNKNOWN;
        } catch (IOException silent) {
            return Speech.UNKNOWN;
        }
    }
}

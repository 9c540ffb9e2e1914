package io.github.finetide.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void noPortIsReservedTwice() {
        Set<Integer> ports = new TreeSet<>();
        for (int i = 0; i < 100; i++) {
            ports.add(Ports.reserve());
        }

        assertThat(ports).hasSize(100).allMatch(Ports::isFree);
    }

    @Test
    void aReservedPortCanBeUsedAgainAndAgain() throws IOException {
        int port = Ports.reserve();

        for (int start = 0; start < 3; start++) {
            assertThat(Ports.isFree(port)).isTrue();
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                assertThat(socket.getLocalPort()).isEqualTo(port);
                assertThat(Ports.isFree(port)).isFalse();
            }
        }
    }
}

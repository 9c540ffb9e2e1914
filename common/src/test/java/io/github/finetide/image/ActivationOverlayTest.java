package io.github.finetide.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.ClassActivationMap;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class ActivationOverlayTest {
    @Test
    void theHottestPlaceIsRedTheColdestBlueAndTheImageShinesThrough() {
        Pixels black = new Pixels(40, 20, new byte[40 * 20 * 3]);

        BufferedImage drawn = ActivationOverlay.drawn(black, new ClassActivationMap(0, 1, 2, List.of(-3.0, 5.0)));

        assertThat(drawn.getWidth()).isEqualTo(40);
        assertThat(drawn.getRGB(0, 10) & 0xffffff).as("left").isEqualTo(0x000080);
        assertThat(drawn.getRGB(39, 10) & 0xffffff).as("right").isEqualTo(0x800000);
        assertThat(drawn.getRGB(20, 10) >> 8 & 0xff).as("green between").isEqualTo(0x80);
    }
}

package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.bench.Bench.Section;
import org.junit.jupiter.api.Test;

class BenchTest {
    @Test
    void aQuickRunLeavesOutTheFleet() {
        assertThat(Bench.usual(true))
                .containsExactly(Section.IMAGES, Section.NETWORK, Section.PIPELINE, Section.TRAINING, Section.FEATURES);
    }

    @Test
    void aFullRunHasEverySection() {
        assertThat(Bench.usual(false)).containsExactly(Section.values());
    }
}

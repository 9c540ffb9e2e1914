package io.github.finetide.inference.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredVersionTest {
    @Test
    void namesTheFolderOfItsEpoch() {
        StoredVersion version = StoredVersion.parse("dishes-1@7").orElseThrow();

        assertThat(version).isEqualTo(new StoredVersion("dishes-1", 7));
        assertThat(version.isIn(URI.create("file:///store/dishes-1/epoch-0007/")))
                .isTrue();
        assertThat(version.isIn(URI.create("file:///store/dishes-1/epoch-0017")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..@1", ".@1", "a/b@1", "a@0", "a@", "a", "@1", "a@1/..", "a@123456"})
    void whatIsNoVersionLeadsNowhere(String version) {
        assertThat(StoredVersion.parse(version)).isEmpty();
    }
}

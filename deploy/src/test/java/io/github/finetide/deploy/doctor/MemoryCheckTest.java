package io.github.finetide.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.runtime.NativeSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
    @Test
    void littleMemoryIsSaidWithWhatNeedsLess() {
        assertThat(MemoryCheck.memory(8L << 30).advice()).isEmpty();
        assertThat(MemoryCheck.memory(2L << 30).advice()).contains("--model-memory");
    }

    @Test
    void anAllocatorThatIsNotSetUpComesWithTheRemedy() {
        assertThat(MemoryCheck.allocator("Linux", Map.of()).advice()).contains("export MALLOC_ARENA_MAX=1");
        assertThat(MemoryCheck.allocator("Linux", NativeSettings.ALLOCATOR).advice())
                .isEmpty();
    }
}

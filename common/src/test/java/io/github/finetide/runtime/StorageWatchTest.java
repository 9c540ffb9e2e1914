package io.github.finetide.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.files.WritableFolder;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageWatchTest {
    @TempDir
    Path folder;

    private @Nullable FaultException away;
    private Instant now = Instant.EPOCH;

    private final StorageWatch watch = new StorageWatch(
            () -> {
                if (away != null) {
                    throw away;
                }
            },
            List.of(),
            () -> now);

    @Test
    void aStoreThatIsAwayIsAProblemUntilItIsBack() {
        watch.look();
        assertThat(watch.problem()).isNull();
        away = new FaultException(ErrorKind.UNAVAILABLE, "the store file:///store/ is not there");
        watch.look();
        assertThat(watch.problem()).isEqualTo("the store file:///store/ is not there");
        away = null;
        watch.look();
        assertThat(watch.problem()).isNull();
    }

    @Test
    void aStoreThatDoesNotAnswerIsAProblemToo() {
        watch.look();
        now = now.plus(Duration.ofSeconds(61));

        assertThat(watch.problem()).isEqualTo("store or folders have not answered for 61 s");
    }

    @Test
    void aFolderThatCannotBeWrittenIsAProblem() throws IOException {
        Path cache = Files.createFile(folder.resolve("cache"));
        StorageWatch other = new StorageWatch(() -> {}, List.of(new WritableFolder(cache)), () -> now);
        other.look();

        assertThat(other.problem()).isEqualTo(cache + " is no folder");
    }
}

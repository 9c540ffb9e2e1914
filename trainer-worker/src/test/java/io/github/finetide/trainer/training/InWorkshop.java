package io.github.finetide.trainer.training;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Gives each test a {@link Workshop} of its own, in its folder. */
abstract class InWorkshop {
    @TempDir
    Path folder;

    Workshop workshop;

    @BeforeEach
    void openWorkshop() throws IOException {
        workshop = new Workshop(folder);
    }

    @AfterEach
    void closeWorkshop() {
        workshop.close();
    }
}

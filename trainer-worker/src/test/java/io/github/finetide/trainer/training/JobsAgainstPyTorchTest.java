package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Losses of every epoch within 0.1 percent, and the same accuracies. */
class JobsAgainstPyTorchTest {
    @TempDir
    Path folder;

    @TestFactory
    List<DynamicTest> everyEpochOfCnnEqualsTheArticlesLoop() throws IOException {
        List<DynamicTest> tests = PyTorchJob.tests(Architecture.CNN, folder);
        assertThat(tests).hasSize(4);
        return tests;
    }
}

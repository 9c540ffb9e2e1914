package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.StateDict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the plain pages do otherwise on a GPU changes no number: tried on the processor. */
class DevicePagesTest {
    private static final String FEATURES = "features_by_running_statistics";

    @ParameterizedTest
    @EnumSource(names = {"CNN", "RESNET50"})
    void convolutionsWithoutTf32AreTheSame(Architecture architecture) {
        try (NDManager manager = NDManager.newBaseManager();
                Page page = page(architecture, Precision.FP32, manager)) {
            NDArray pixels = Golden.pixels(manager, 0);
            float[] usual = page.run(FEATURES, false, pixels).toFloatArray();
            page.run("be_exact");
            assertThat(page.run(FEATURES, false, pixels).toFloatArray()).containsExactly(usual);
            page.run("be_fast");
            assertThat(page.run(FEATURES, false, pixels).toFloatArray()).containsExactly(usual);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FP32", "BF16"})
    void convolutionsThatAreHeldGiveTheSameBatchStatistics(Precision precision) {
        try (NDManager manager = NDManager.newBaseManager();
                Page page = page(Architecture.RESNET50, precision, manager)) {
            NDArray pixels = Golden.pixels(manager, 0);
            float[] cast = byBatchStatistics(page, pixels);
            page.run("hold");
            assertThat(byBatchStatistics(page, pixels)).containsExactly(cast);
            page.run("train_layer4");
            page.run("hold");
            assertThat(byBatchStatistics(page, pixels)).hasSameSizeAs(cast);
        }
    }

    private static float[] byBatchStatistics(Page page, NDArray pixels) {
        return page.run("features_by_batch_statistics", false, pixels).toFloatArray();
    }

    private static Page page(Architecture architecture, Precision precision, NDManager manager) {
        StateDict weights = HashedNumbers.weights(architecture, Golden.CLASSES, Golden.SIZE);
        Page page = new Page(Pages.plain(architecture, precision), manager);
        page.give("load", Tensors.create(weights, manager));
        return page;
    }
}

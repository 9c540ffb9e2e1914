package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.deploy.bench.Figure.Unit;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultsTest {
    private final Results results = new Results(Map.of("processor", "a fast one"), true);

    @Test
    void ratiosDivideFiguresOfTheSameRun() {
        figure("network.int8.batch32", 40);
        figure("network.bf16.batch32", 20);
        figure("network.fp32.batch32", 9);
        figure("onnxRuntime.fp32.batch32", 10);

        assertThat(results.ratios())
                .containsOnly(
                        entry("int8VsOnnxRuntimeBatch32", 4.0),
                        entry("bf16VsOnnxRuntimeBatch32", 2.0),
                        entry("fp32VsOnnxRuntimeBatch32", 0.9),
                        entry("int8VsBf16Batch32", 2.0));
    }

    @Test
    void theRatioOfASingleImageIsOneOfTimes() {
        figure("network.int8.batch1", 40);
        figure("onnxRuntime.fp32.batch1", 10);

        assertThat(results.ratios().get("int8VsOnnxRuntimeBatch1Time")).isEqualTo(0.25, within(1e-9));
    }

    @Test
    void trainingIsComparedWithTheScriptBothWays() {
        figure("training.update.fp32", 6);
        figure("training.update.bf16", 9);
        figure("training.frozen.bf16", 15);
        figure("training.frozen.int8", 30);
        figure("training.pyTorch.tuned", 3);
        figure("training.pyTorch.allCores", 5);
        figure("training.pyTorch.asRun", 1.5);

        assertThat(results.ratios())
                .containsOnly(
                        entry("updateFp32VsPyTorch", 2.0),
                        entry("updateBf16VsPyTorch", 3.0),
                        entry("frozenBf16VsPyTorch", 5.0),
                        entry("frozenInt8VsPyTorch", 10.0),
                        entry("updateFp32VsPyTorchAllCores", 1.2),
                        entry("updateBf16VsPyTorchAllCores", 1.8),
                        entry("frozenBf16VsPyTorchAllCores", 3.0),
                        entry("frozenInt8VsPyTorchAllCores", 6.0),
                        entry("updateFp32VsPyTorchAsRun", 4.0));
    }

    @Test
    void singleRequestIsComparedWithWhatItMayTake() {
        results.add("endToEnd.fastest.latency", 60, Unit.MILLISECONDS);
        results.add("endToEnd.fastest.latencyAllowed", 75, Unit.MILLISECONDS);

        assertThat(results.ratios()).containsOnly(entry("singleRequestVsAllowed", 0.8));
        assertThat(results.lines()).anyMatch(line -> line.matches("singleRequestVsAllowed +0.80 +<= 1.0 +reached"));
    }

    @Test
    void trainingInSmallerBatchesIsComparedUnderTheirName() {
        figure("training.batch16.update.fp32", 6);
        figure("training.batch16.pyTorch.tuned", 3);
        figure("training.pyTorch.tuned", 2);

        assertThat(results.ratios()).containsOnly(entry("updateFp32VsPyTorchBatch16", 2.0));
    }

    @Test
    void twoWorkersAndFiftyModelsAreComparedWithOne() {
        figure("fleet.oneWorker", 10);
        figure("fleet.twoWorkers", 19);
        figure("fleet.oneModel", 21);
        figure("fleet.fiftyModels", 20);
        figure("fleet.oneModel.residentSet", 1000);
        figure("fleet.fiftyModels.residentSet", 1010);

        assertThat(results.ratios())
                .containsOnly(
                        entry("twoWorkersVsOne", 1.9),
                        entry("fiftyModelsVsOneTime", 1.05),
                        entry("fiftyModelsVsOneMemory", 1.01));
    }

    @Test
    void whereAPeerIsAbsentItsRatiosAreAbsentAndTheTableSaysSo() throws IOException {
        figure("network.int8.batch32", 40);
        results.absent("onnxRuntime", "no python3");

        assertThat(json().path("ratios")).isEmpty();
        assertThat(json().path("absent").path("onnxRuntime").asText()).isEqualTo("no python3");
        assertThat(results.lines()).contains("absent: onnxRuntime: no python3");
    }

    @Test
    void theJsonHoldsMachineFiguresAndRatios() throws IOException {
        figure("endToEnd.fastest.batch32", 19);
        figure("endToEnd.fastest.network", 20);
        JsonNode json = json();

        assertThat(json.path("machine").path("processor").asText()).isEqualTo("a fast one");
        assertThat(json.path("quick").asBoolean()).isTrue();
        assertThat(json.path("ratios").path("endToEndVsNetwork").asDouble()).isEqualTo(0.95, within(1e-9));
        JsonNode figure = json.path("measurements").path("endToEnd.fastest.batch32");
        assertThat(figure.path("value").asDouble()).isEqualTo(19);
        assertThat(figure.path("unit").asText()).isEqualTo("images/s");
    }

    @Test
    void theTableTellsWhetherAnAimIsReached() {
        figure("network.int8.batch32", 34);
        figure("onnxRuntime.fp32.batch32", 10);
        figure("network.bf16.batch32", 10);

        assertThat(results.lines()).anyMatch(line -> line.matches("int8VsOnnxRuntimeBatch32 +3.40 +>= 3.5 +missed"));
        assertThat(results.lines()).anyMatch(line -> line.matches("int8VsBf16Batch32 +3.40 +>= 1.9 +reached"));
    }

    @Test
    void everyRatioHasItsOwnName() {
        assertThat(Ratio.ALL).extracting(Ratio::name).doesNotHaveDuplicates();
    }

    private void figure(String name, double value) {
        results.add(name, value, Unit.IMAGES_PER_SECOND);
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(results.json());
    }
}

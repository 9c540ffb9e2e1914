package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Precision;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcessorTest {
    @ParameterizedTest
    @CsvSource({
        "avx2 fma,                                    FP32",
        "avx2 avx_vnni,                               FP32 INT8",
        "avx512f avx512_vnni,                         FP32 INT8",
        "avx512f avx512_vnni avx512_bf16,             FP32 BF16 INT8",
        "avx512f amx_bf16 amx_tile amx_int8,          FP32 BF16 INT8",
    })
    void aPrecisionIsFastOnlyWhereTheProcessorMultipliesIt(String flags, String fast) {
        Processor processor = Processor.parse("processor\t: 0\nflags\t\t: fpu " + flags + "\nbugs\t\t: none\n");
        List<Precision> supported = Arrays.stream(Precision.values())
                .filter(precision -> FastPages.supports(processor, precision))
                .toList();
        assertThat(supported)
                .isEqualTo(
                        Arrays.stream(fast.split(" ")).map(Precision::valueOf).toList());
    }

    @ParameterizedTest
    @CsvSource({"''", "'Features : asimd bf16'", "flags"})
    void ofAnotherKindOfProcessorNothingIsKnown(String cpuInfo) {
        assertThat(Processor.parse(cpuInfo).flags()).isEmpty();
    }
}

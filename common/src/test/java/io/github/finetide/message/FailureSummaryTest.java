package io.github.finetide.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class FailureSummaryTest {
    @Test
    void aTorchScriptTraceIsNotShown() {
        String message = """
                The following operation failed in the TorchScript interpreter.
                Traceback of TorchScript, serialized code (most recent call last):
                  File "code/__torch__.py", line 12, in forward
                    return torch.linear(x, self.weights["fc.weight"])
                           ~~~~~~~~~~~~ <--- HERE
                RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x2048 and 64x6)
                Exception raised from meta (most recent call first):
                frame #0: c10::Error::Error(c10::SourceLocation, std::string) + 0x57""";
        assertThat(FaultException.of(new IllegalStateException(message)).detail())
                .isEqualTo(new ErrorDetail(
                        ErrorKind.INTERNAL,
                        "IllegalStateException: mat1 and mat2 shapes cannot be multiplied (8x2048 and 64x6)"));
    }

    @Test
    void aTraceBehindTheMessageIsNotShown() {
        assertThat(FailureSummary.of(new IllegalStateException("went wrong\n\tat a.B.c(B.java:1)")))
                .isEqualTo("IllegalStateException: went wrong");
        assertThat(FailureSummary.of(new UncheckedIOException(new java.io.IOException("gone"))))
                .isEqualTo("UncheckedIOException: java.io.IOException: gone");
        assertThat(FailureSummary.of(new ArithmeticException())).isEqualTo("ArithmeticException");
        assertThat(FailureSummary.of(new ArithmeticException("x".repeat(900))).length())
                .isLessThan(330);
    }
}

package io.github.finetide.network;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Compares tensors with a layout and says everything that differs at once. */
final class LayoutCheck {
    /** Lines in one message; the total is always told. */
    private static final int MAX_LISTED = 50;

    private LayoutCheck() {}

    static void check(Architecture architecture, Map<String, long[]> shapes, StateDict weights) {
        List<String> faults = new ArrayList<>();
        shapes.forEach((name, shape) -> weights.find(name)
                .ifPresentOrElse(tensor -> compare(faults, shape, tensor), () -> missing(faults, name)));
        weights.names().stream()
                .filter(name -> !shapes.containsKey(name))
                .forEach(name -> faults.add("extra " + name + hint(name)));
        if (!faults.isEmpty()) {
            throw new FaultException(ErrorKind.INVALID, message(architecture, faults));
        }
    }

    private static void compare(List<String> faults, long[] shape, TensorData tensor) {
        if (!Arrays.equals(shape, tensor.shape())) {
            faults.add("%s is %s, not %s"
                    .formatted(tensor.name(), Arrays.toString(tensor.shape()), Arrays.toString(shape)));
        }
    }

    private static void missing(List<String> faults, String name) {
        if (!Layout.isBatchCount(name)) {
            faults.add("missing " + name);
        }
    }

    private static String hint(String name) {
        return name.startsWith("module.") ? " (saved from DataParallel: strip \"module.\" from the names)" : "";
    }

    private static String message(Architecture architecture, List<String> faults) {
        String listed = String.join("; ", faults.subList(0, Math.min(MAX_LISTED, faults.size())));
        String rest = faults.size() > MAX_LISTED ? "; ..." : "";
        return "weights do not fit %s in %d places: %s%s".formatted(architecture.wire(), faults.size(), listed, rest);
    }
}

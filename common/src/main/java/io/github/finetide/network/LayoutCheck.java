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
import java.util.stream.Stream;

/** Compares tensors with a layout and says everything that differs at once. */
final class LayoutCheck {
    /** Lines in one message; the total is always given. */
    private static final int MAX_LISTED = 50;

    private LayoutCheck() {}

    static void check(Architecture architecture, Map<String, long[]> shapes, StateDict weights) {
        List<String> faults = new ArrayList<>();
        shapes.forEach((name, shape) -> weights.find(name)
                .ifPresentOrElse(tensor -> compare(faults, shape, tensor), () -> missing(faults, name)));
        extra(shapes, weights).forEach(name -> faults.add("extra " + name));
        if (!faults.isEmpty()) {
            throw new FaultException(ErrorKind.INVALID, message(architecture, faults) + hint(shapes, weights));
        }
    }

    private static void compare(List<String> faults, long[] shape, TensorData tensor) {
        if (!Arrays.equals(shape, tensor.shape()) && !isCount(tensor)) {
            faults.add("%s is %s, not %s"
                    .formatted(tensor.name(), Arrays.toString(tensor.shape()), Arrays.toString(shape)));
        }
    }

    /** PyTorch takes the first of a list, as before 0.4 had it. */
    private static boolean isCount(TensorData tensor) {
        return Layout.isBatchCount(tensor.name()) && tensor.shape().length <= 1 && tensor.count() > 0;
    }

    private static void missing(List<String> faults, String name) {
        if (!Layout.isBatchCount(name)) {
            faults.add("missing " + name);
        }
    }

    private static Stream<String> extra(Map<String, long[]> shapes, StateDict weights) {
        return weights.names().stream().filter(name -> !shapes.containsKey(name));
    }

    /** Stands once, however many tensors it is about. */
    private static String hint(Map<String, long[]> shapes, StateDict weights) {
        if (extra(shapes, weights).anyMatch(name -> name.startsWith("module."))) {
            return " (saved from DataParallel: strip \"module.\" from the names)";
        }
        List<String> needed = shapes.keySet().stream()
                .filter(name -> !Layout.isBatchCount(name))
                .toList();
        long there = needed.stream().filter(weights.names()::contains).count();
        boolean part = there > 0
                && there < needed.size()
                && extra(shapes, weights).findAny().isEmpty();
        return part ? " (a part of a checkpoint: " + there + " of " + needed.size() + " tensors)" : "";
    }

    private static String message(Architecture architecture, List<String> faults) {
        String listed = String.join("; ", faults.subList(0, Math.min(MAX_LISTED, faults.size())));
        String rest = faults.size() > MAX_LISTED ? "; ..." : "";
        return "weights do not fit %s in %d places: %s%s".formatted(architecture.wire(), faults.size(), listed, rest);
    }
}

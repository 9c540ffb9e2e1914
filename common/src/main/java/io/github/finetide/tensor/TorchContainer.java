package io.github.finetide.tensor;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds the state dict among what a training script saved: epoch, arguments, optimiser and such. */
final class TorchContainer {
    /** {@code {"model": {"state_dict": {...}}}} is two deep. */
    private static final int MAX_DEPTH = 4;

    private TorchContainer() {}

    /**
     * A state dict within a file.
     *
     * @param path the keys that lead to it, joined by dots; empty if the file is nothing else
     */
    record Choice(String path, Map<?, ?> entries) {
        List<TorchPickle.Storage> storages() {
            return entries.values().stream()
                    .filter(TorchPickle.Tensor.class::isInstance)
                    .map(tensor -> ((TorchPickle.Tensor) tensor).view())
                    .filter(view -> !view.shape().contains(0L))
                    .map(TorchPickle.Strided::storage)
                    .toList();
        }

        ReadWeights read(Map<Object, ByteBuffer> storages) {
            List<String> warnings = path.isEmpty() ? List.of() : List.of("the file's entry " + path + " is read");
            return new ReadWeights(new TorchTensors(storages).dict(entries), warnings);
        }

        Set<String> names() {
            return entries.keySet().stream().map(String::valueOf).collect(Collectors.toSet());
        }
    }

    /**
     * Chooses the only state dict, or the only one wanted.
     *
     * @throws PickleException if there is none or there are several
     */
    static Choice choose(Object root, Predicate<Set<String>> wanted) {
        Map<String, Map<?, ?>> found = new LinkedHashMap<>();
        collect("", root, found, 0);
        List<Choice> all = found.entrySet().stream()
                .map(entry -> new Choice(entry.getKey(), entry.getValue()))
                .toList();
        List<Choice> fitting =
                all.stream().filter(choice -> wanted.test(choice.names())).toList();
        List<Choice> left = fitting.isEmpty() ? all : fitting;
        if (left.size() > 1) {
            throw new PickleException("it holds several: "
                    + left.stream().map(Choice::path).collect(Collectors.joining(", "))
                    + "; save the one to start from alone");
        }
        return left.stream().findFirst().orElseThrow(() -> new PickleException(instead(root)));
    }

    private static void collect(String path, Object value, Map<String, Map<?, ?>> found, int depth) {
        if (!(value instanceof Map<?, ?> entries) || depth > MAX_DEPTH || isOptimizer(entries)) {
            return;
        }
        int before = found.size();
        entries.forEach(
                (key, entry) -> collect(path.isEmpty() ? key.toString() : path + "." + key, entry, found, depth + 1));
        if (found.size() == before && entries.values().stream().anyMatch(TorchPickle.Tensor.class::isInstance)) {
            found.put(path, entries);
        }
    }

    private static boolean isOptimizer(Map<?, ?> entries) {
        return entries.containsKey("param_groups");
    }

    /** What a file without tensors is. */
    private static String instead(Object root) {
        if (root instanceof Unpickler.Opaque opaque) {
            return "it asks for " + opaque.what() + "; only a state dict is read (a whole module or object was pickled:"
                    + " save its state_dict())";
        }
        if (!(root instanceof Map<?, ?> entries)) {
            return root instanceof TorchPickle.Tensor
                    ? "it holds a single tensor without a name"
                    : "it holds no dictionary of tensors";
        }
        if (isOptimizer(entries)) {
            return "it is the state of an optimiser (param_groups), not of a network";
        }
        return "none of its entries is a dictionary of tensors: "
                + entries.entrySet().stream()
                        .limit(8)
                        .map(TorchContainer::described)
                        .collect(Collectors.joining(", "));
    }

    private static String described(Map.Entry<?, ?> entry) {
        String what = "";
        if (entry.getValue() instanceof Unpickler.Opaque opaque) {
            what = " (a pickled " + opaque.what() + ")";
        } else if (entry.getValue() instanceof Map<?, ?> map && isOptimizer(map)) {
            what = " (the state of an optimiser)";
        }
        return entry.getKey() + what;
    }
}

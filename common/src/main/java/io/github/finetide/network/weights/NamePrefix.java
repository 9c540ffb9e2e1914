package io.github.finetide.network.weights;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.network.Layout;
import io.github.finetide.tensor.ReadWeights;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Takes off what wrappers put before all names: DataParallel's {@code module.}, {@code _orig_mod.} and such. */
final class NamePrefix {
    private final Set<String> wanted;
    private final String anchor;

    NamePrefix(Layout layout) {
        wanted = layout.backbone().stream()
                .filter(name -> !Layout.isBatchCount(name))
                .collect(Collectors.toSet());
        anchor = layout.backbone().iterator().next();
    }

    /** Whether a network of the layout is among the names, behind a prefix or not. */
    boolean isIn(Set<String> names) {
        return !prefixes(names).isEmpty();
    }

    /**
     * Returns the tensors without the prefix that the network's names share.
     *
     * @throws FaultException INVALID if there are networks behind several
     */
    ReadWeights without(ReadWeights read) {
        List<String> prefixes = prefixes(read.dict().names());
        if (prefixes.size() > 1) {
            throw new FaultException(
                    ErrorKind.INVALID,
                    "it holds several networks, with names that begin with "
                            + prefixes.stream().map(NamePrefix::quoted).collect(Collectors.joining(" and "))
                            + "; save the one to start from alone");
        }
        if (prefixes.isEmpty() || prefixes.get(0).isEmpty()) {
            return read;
        }
        return taken(read, prefixes.get(0));
    }

    private static String quoted(String prefix) {
        return prefix.isEmpty() ? "nothing" : "\"" + prefix + "\"";
    }

    /** Those behind which at least half of the backbone is. */
    private List<String> prefixes(Set<String> names) {
        return names.stream()
                .filter(name -> name.equals(anchor) || name.endsWith("." + anchor))
                .map(name -> name.substring(0, name.length() - anchor.length()))
                .filter(prefix -> wanted.stream()
                                        .filter(name -> names.contains(prefix + name))
                                        .count()
                                * 2
                        >= wanted.size())
                .toList();
    }

    private static ReadWeights taken(ReadWeights read, String prefix) {
        List<TensorData> tensors = new ArrayList<>();
        for (TensorData tensor : read.dict().tensors()) {
            String name = tensor.name();
            tensors.add(name.startsWith(prefix) ? tensor.named(name.substring(prefix.length())) : tensor);
        }
        Set<String> names = tensors.stream().map(TensorData::name).collect(Collectors.toSet());
        if (names.size() < tensors.size()) {
            throw new FaultException(
                    ErrorKind.INVALID, "it holds the same names with and without \"" + prefix + "\" before them");
        }
        return read.with(StateDict.of(tensors), "\"" + prefix + "\" is taken off the names of the tensors");
    }
}

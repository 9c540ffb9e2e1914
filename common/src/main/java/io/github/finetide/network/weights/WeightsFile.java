package io.github.finetide.network.weights;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Head;
import io.github.finetide.network.Canonical;
import io.github.finetide.network.Layout;
import io.github.finetide.tensor.ReadWeights;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TorchFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads a file of either format, as far as it is a network's. */
final class WeightsFile {
    /** Where the tensors of a backbone are; others are a head, however it is named. */
    private static final Pattern BACKBONE = Pattern.compile("(conv|bn|layer|downsample)[0-9_]*\\..*");

    /** What wrappers save beside a network: {@code torch.optim.swa_utils.AveragedModel}. */
    private static final Set<String> COUNTERS = Set.of("n_averaged");

    private static final int MAX_LISTED = 6;

    private WeightsFile() {}

    /**
     * Reads a file into canonical form.
     *
     * @param shown what messages call the file
     * @throws FaultException INVALID, naming it, if it is no such file or of another network
     */
    static ReadWeights canonical(Architecture architecture, Head head, Path file, String shown) throws IOException {
        // Neither classes nor image size matter to the backbone, and the head is kept as it is.
        Layout layout = Layout.of(architecture, 2, 64);
        NamePrefix prefix = new NamePrefix(layout);
        ReadWeights read = read(file, shown, prefix);
        try {
            ReadWeights plain = leftOut(prefix.without(read), COUNTERS::contains);
            ReadWeights kept = head == Head.PRETRAINED ? plain : leftOut(plain, name -> isBeside(layout, name));
            return new ReadWeights(Canonical.of(layout, kept.dict()), kept.warnings());
        } catch (FaultException misfit) {
            throw new FaultException(misfit.kind(), shown + ": " + misfit.getMessage(), misfit);
        }
    }

    private static ReadWeights read(Path file, String shown, NamePrefix prefix) throws IOException {
        byte[] start = start(file);
        Optional<String> foreign = startsLikeSafeTensors(start) ? Optional.empty() : WeightsFileKind.foreign(start);
        if (foreign.isPresent()) {
            throw new FaultException(
                    ErrorKind.INVALID, shown + " is no weights file (.safetensors or .pth): it is " + foreign.get());
        }
        return startsLikeTorch(start)
                ? TorchFile.read(file, shown, prefix::isIn)
                : new ReadWeights(SafeTensors.read(file, shown), List.of());
    }

    private static byte[] start(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(WeightsFileKind.START_BYTES);
        }
    }

    private static boolean startsLikeSafeTensors(byte[] start) {
        return start.length > Long.BYTES && start[Long.BYTES] == '{' && start[Long.BYTES - 1] == 0;
    }

    /** Distinguishes a zip or a pickle from the length that a safetensors file starts with. */
    private static boolean startsLikeTorch(byte[] start) {
        boolean zip = start.length > 1 && start[0] == 'P' && start[1] == 'K';
        // A safetensors header of this length would be larger than its limit.
        return zip || (start.length >= Long.BYTES && start[Long.BYTES - 1] != 0);
    }

    private static boolean isBeside(Layout layout, String name) {
        return layout.head().contains(name)
                || (!layout.shapes().containsKey(name)
                        && !BACKBONE.matcher(name).matches());
    }

    /** Names outside of the layout's head are worth a warning. */
    private static ReadWeights leftOut(ReadWeights read, Predicate<String> beside) {
        List<String> names = read.dict().names().stream().filter(beside).toList();
        if (names.isEmpty()) {
            return read;
        }
        StateDict kept = read.dict().without(names);
        List<String> unusual = names.stream()
                .filter(name -> !name.matches("(fc|out)\\.(weight|bias)"))
                .toList();
        if (unusual.isEmpty()) {
            return new ReadWeights(kept, read.warnings());
        }
        String more = unusual.size() > MAX_LISTED ? ", ..." : "";
        String listed = unusual.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
        return read.with(kept, "left out, beside the backbone: " + listed + more);
    }
}

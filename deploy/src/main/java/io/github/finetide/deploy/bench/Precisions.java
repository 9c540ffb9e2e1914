package io.github.finetide.deploy.bench;

import io.github.finetide.message.Precision;
import java.util.ArrayList;
import java.util.List;

/** In which precisions the network is fast on this machine. */
final class Precisions {
    private Precisions() {}

    /** All of them, the fastest last. The first forward pass of each is done then. */
    static List<Precision> all(Contestant finetide) {
        List<Precision> available = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            if (isAvailable(finetide, precision)) {
                available.add(precision);
            }
        }
        return available;
    }

    static Precision fastest(Contestant finetide) {
        Precision[] all = Precision.values();
        for (int i = all.length - 1; i > 0; i--) {
            if (isAvailable(finetide, all[i])) {
                return all[i];
            }
        }
        return all[0];
    }

    private static boolean isAvailable(Contestant finetide, Precision precision) {
        return !finetide.ask("forward", precision.wire(), "1", "1").isRefusal();
    }
}

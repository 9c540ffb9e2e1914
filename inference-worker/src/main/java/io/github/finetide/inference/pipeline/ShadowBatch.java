package io.github.finetide.inference.pipeline;

import io.github.finetide.confidence.Scaled;
import io.github.finetide.inference.model.Backbone;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.Backbone.Question;
import io.github.finetide.inference.model.Lease;
import io.github.finetide.inference.model.LoadedModel;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.model.Shadows;
import io.github.finetide.inference.pipeline.BatchBisection.Outcome;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Prediction;
import io.github.finetide.message.VersionAnswer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shadows of a batch's models: leased while it runs, and compared once its requests have their answers. One on the
 * batch's own backbone is asked in the same pass; any other passes the images through its own network afterwards. What
 * fails here fails no request.
 */
final class ShadowBatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ShadowBatch.class);

    private final Shadows shadows;
    private final Backbone backbone;
    private final Consumer<ShadowComparison> comparisons;
    private final IdentityHashMap<LoadedModel, Optional<Lease>> leases = new IdentityHashMap<>();
    private final Map<ModelInfo, FaultException> faults = new HashMap<>();

    ShadowBatch(Shadows shadows, Backbone backbone, List<Prepared> items, Consumer<ShadowComparison> comparisons) {
        this.shadows = shadows;
        this.backbone = backbone;
        this.comparisons = comparisons;
        for (Prepared item : items) {
            LoadedModel model = item.lease().model();
            leases.computeIfAbsent(model, answering -> shadows.of(answering.info()));
        }
    }

    /** The question of a request, and with it that of its shadow where one pass answers both. */
    Question question(Prepared item) {
        LoadedModel shadow = shadow(item);
        Backbone.Head beside = shadow != null && shadow.backbone() == backbone ? shadow.head() : null;
        return new Question(
                item.pixels(),
                item.lease().model().head(),
                beside,
                item.request().request().include());
    }

    private @Nullable LoadedModel shadow(Prepared item) {
        return leases.getOrDefault(item.lease().model(), Optional.empty())
                .map(Lease::model)
                .orElse(null);
    }

    /** Compares; after this the shadows that failed have ended. */
    void compare(List<Prepared> items, List<Outcome<Output>> outcomes) {
        try {
            compareAll(items, outcomes);
        } catch (RuntimeException odd) {
            log.warn("Shadows of a batch are not compared", odd);
        }
        faults.forEach(shadows::failed);
    }

    private void compareAll(List<Prepared> items, List<Outcome<Output>> outcomes) {
        Map<LoadedModel, List<Integer>> apart = new LinkedHashMap<>();
        for (int i = 0; i < items.size(); i++) {
            LoadedModel shadow = shadow(items.get(i));
            if (shadow == null || !(outcomes.get(i) instanceof Outcome.Done<Output> done)) {
                continue;
            }
            if (shadow.backbone() == backbone) {
                compare(items.get(i), done.value(), shadow, done.value().shadow());
            } else {
                apart.computeIfAbsent(shadow, unseen -> new ArrayList<>()).add(i);
            }
        }
        apart.forEach((shadow, rows) -> compareApart(items, outcomes, shadow, rows));
    }

    private void compareApart(
            List<Prepared> items, List<Outcome<Output>> outcomes, LoadedModel shadow, List<Integer> rows) {
        int size = items.get(rows.get(0)).pixels().width();
        if (shadow.info().imageSize() != size) {
            faults.put(shadow.info(), otherSize(shadow.info(), size));
            return;
        }
        List<Question> questions = rows.stream()
                .map(row -> new Question(items.get(row).pixels(), shadow.head()))
                .toList();
        try {
            List<Output> outputs = shadow.backbone().classify(questions);
            for (int i = 0; i < rows.size(); i++) {
                Output answer = ((Outcome.Done<Output>) outcomes.get(rows.get(i))).value();
                compare(items.get(rows.get(i)), answer, shadow, outputs.get(i).probabilities());
            }
        } catch (RuntimeException | OutOfMemoryError why) {
            faults.put(shadow.info(), FaultException.of(why));
        }
    }

    private void compare(Prepared item, Output output, LoadedModel shadow, float @Nullable [] shadowed) {
        if (shadowed == null || !Predictions.areFinite(shadowed)) {
            faults.put(shadow.info(), new FaultException(ErrorKind.INTERNAL, "the shadow gives no probabilities"));
        } else if (Predictions.areFinite(output.probabilities())) {
            ModelInfo answering = item.lease().model().info();
            comparisons.accept(new ShadowComparison(
                    item.request(),
                    answering,
                    answer(answering, output.probabilities()),
                    answer(shadow.info(), shadowed)));
        }
    }

    private static VersionAnswer answer(ModelInfo info, float[] probabilities) {
        Prediction best = Predictions.best(probabilities, info.classNames(), 1).get(0);
        double confidence = Scaled.confidence(probabilities, info.temperature());
        return new VersionAnswer(info.version(), best.label(), best.classId(), best.probability(), confidence);
    }

    private static FaultException otherSize(ModelInfo shadow, int size) {
        return new FaultException(
                ErrorKind.INVALID,
                "a shadow of images of " + shadow.imageSize() + " pixels cannot be compared with a version of " + size);
    }

    @Override
    public void close() {
        leases.values().forEach(lease -> lease.ifPresent(Lease::close));
    }
}

package io.github.finetide.trainer.training;

import io.github.finetide.message.FaultException;
import io.github.finetide.network.Layout;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The head of a job that goes on from a model of other classes: each class that the model knows by name keeps its row, the
 * others start afresh.
 */
final class ContinuedHead {
    private final Map<String, Integer> known = new HashMap<>();
    private final List<String> classNames;

    /**
     * @param modelNames the model's class names, one for each row
     * @param classNames the job's
     */
    ContinuedHead(List<String> modelNames, List<String> classNames) {
        for (int row = 0; row < modelNames.size(); row++) {
            known.putIfAbsent(modelNames.get(row), row);
        }
        this.classNames = classNames;
    }

    /** The classes whose rows start afresh. */
    List<String> fresh() {
        return classNames.stream().filter(name -> !known.containsKey(name)).toList();
    }

    /**
     * Makes the head.
     *
     * @param layout of the job's network
     * @param model has the head of the model
     * @param initial a head for the job's classes
     * @throws FaultException INVALID where the model's head saw features of another length
     */
    StateDict of(Layout layout, StateDict model, StateDict initial) {
        long features = model.get(layout.headWeight()).shape()[1];
        if (features != layout.featureCount()) {
            throw FaultException.invalid(
                    "imageSize", "another one", "the model's: its head is for " + features + " features");
        }
        List<TensorData> tensors = new ArrayList<>();
        for (String name : layout.head()) {
            tensors.add(rows(model.get(name), initial.get(name)));
        }
        return StateDict.of(tensors);
    }

    private TensorData rows(TensorData model, TensorData initial) {
        int bytes = initial.bytes().remaining() / classNames.size();
        ByteBuffer rows = ByteBuffer.allocate(initial.bytes().remaining());
        for (int row = 0; row < classNames.size(); row++) {
            Integer known = this.known.get(classNames.get(row));
            ByteBuffer from = known == null ? initial.bytes() : model.bytes();
            rows.put(
                    from.position((known == null ? row : known) * bytes).slice().limit(bytes));
        }
        return new TensorData(initial.name(), ElementType.F32, initial.shape(), rows.flip());
    }
}

package io.github.finetide.tensor;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Named tensors in a fixed order, as PyTorch's {@code state_dict()}; immutable. */
public final class StateDict {
    private final Map<String, TensorData> tensors;

    private StateDict(Map<String, TensorData> tensors) {
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * Makes a dictionary of the tensors in the order given.
     *
     * @throws IllegalArgumentException if two share a name
     */
    public static StateDict of(Collection<TensorData> tensors) {
        Map<String, TensorData> byName = new LinkedHashMap<>();
        for (TensorData tensor : tensors) {
            if (byName.put(tensor.name(), tensor) != null) {
                throw new IllegalArgumentException("two tensors are named " + tensor.name());
            }
        }
        return new StateDict(byName);
    }

    public Set<String> names() {
        return tensors.keySet();
    }

    public Collection<TensorData> tensors() {
        return tensors.values();
    }

    public Optional<TensorData> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * Returns the tensor of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public TensorData get(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("no tensor is named " + name));
    }

    /** Returns this with the other's tensors added, or in the place of those of the same name. */
    public StateDict with(StateDict other) {
        Map<String, TensorData> merged = new LinkedHashMap<>(tensors);
        merged.putAll(other.tensors);
        return new StateDict(merged);
    }

    /** Returns only the tensors named, in this dictionary's order; names it lacks are passed over. */
    public StateDict only(Collection<String> names) {
        Map<String, TensorData> kept = new LinkedHashMap<>(tensors);
        kept.keySet().retainAll(Set.copyOf(names));
        return new StateDict(kept);
    }

    /** Returns the tensors not named. */
    public StateDict without(Collection<String> names) {
        Map<String, TensorData> kept = new LinkedHashMap<>(tensors);
        kept.keySet().removeAll(Set.copyOf(names));
        return new StateDict(kept);
    }

    /** Returns the tensors that {@code base} lacks or holds with other content: what a checkpoint stores. */
    public StateDict differingFrom(StateDict base) {
        Map<String, TensorData> changed = new LinkedHashMap<>(tensors);
        changed.values()
                .removeIf(tensor ->
                        base.find(tensor.name()).filter(tensor::sameContent).isPresent());
        return new StateDict(changed);
    }

    @Override
    public String toString() {
        return tensors.size() + " tensors";
    }
}

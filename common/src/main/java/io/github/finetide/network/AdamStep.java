package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/** Steps of Adam for all parameters of a network in one call each. Shares the arrays that it is given. */
public final class AdamStep implements AutoCloseable {
    private final Page page;
    private final NDManager host;

    /**
     * Takes parameters and their moments.
     *
     * @param manager on their device, which stays open longer than this
     * @param parameters that require gradients
     * @param means first moments by the parameters' names
     * @param squares second moments, likewise
     */
    public AdamStep(
            NDManager manager,
            Map<String, NDArray> parameters,
            Map<String, NDArray> means,
            Map<String, NDArray> squares) {
        page = new Page(Pages.adam(), manager);
        host = manager.getEngine().newBaseManager(Device.cpu());
        page.give("load", parameters);
        page.give("load_means", means);
        page.give("load_squares", squares);
    }

    /**
     * What one step multiplies with.
     *
     * @param beta1 share of the first moment that stays
     * @param beta2 share of the second moment that stays
     * @param epsilon added to the root of the second moment
     * @param share of the parameter that is added to its gradient: weight decay of Adam
     * @param factor of the parameter: weight decay of AdamW
     * @param size negative: minus the learning rate, by the first moment's bias correction
     * @param correction root of the second moment's bias correction
     */
    public record Factors(
            double beta1, double beta2, double epsilon, double share, double factor, double size, double correction) {}

    /** Uses the gradients of all parameters, then sets them to 0. */
    public void take(Factors by) {
        double[] numbers = {
            by.beta1, by.beta2, by.epsilon, by.share, by.factor, by.size, by.correction,
        };
        // On the processor: read from a GPU, they would make every step wait for all before it.
        try (NDArray array = host.create(numbers)) {
            page.run("step", false, array).close();
        }
    }

    @Override
    public void close() {
        page.close();
        host.close();
    }
}

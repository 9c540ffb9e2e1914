package io.github.finetide.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.finetide.message.Optimizer;
import io.github.finetide.message.OptimizerName;
import io.github.finetide.trainer.training.TrainingGolden;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UpdateRuleTest {
    private static final int STEPS = 20;

    @Test
    void twentyStepsOfEveryRuleFollowPyTorch() throws IOException {
        JsonNode problem = TrainingGolden.read("optimizers.json").get("problem");
        for (JsonNode golden : problem.get("cases")) {
            try (Regression regression = new Regression(problem, optimizer(golden))) {
                for (int step = 0; step < STEPS; step++) {
                    regression.step();
                    assertClose(regression.values(), golden.get("after").get(step), golden.get("name") + " " + step);
                }
            }
        }
    }

    @Test
    void aRestoredRuleGoesOnExactlyAsAnUnbrokenOne() throws IOException {
        JsonNode problem = TrainingGolden.read("optimizers.json").get("problem");
        for (JsonNode golden : problem.get("cases")) {
            try (Regression unbroken = new Regression(problem, optimizer(golden));
                    Regression resumed = new Regression(problem, optimizer(golden))) {
                for (int step = 0; step < 7; step++) {
                    unbroken.step();
                }
                resumed.copyFrom(unbroken);
                for (int step = 7; step < STEPS; step++) {
                    unbroken.step();
                    resumed.step();
                }
                assertThat(resumed.values()).as("%s", golden.get("name")).containsExactly(unbroken.values());
                assertThat(resumed.rule.steps()).isEqualTo(STEPS);
            }
        }
    }

    /** The values are PyTorch's: {@code large} in optimizers.py. */
    @Test
    void gradientsWhoseSquareIsInfiniteMoveAsInPyTorch() throws IOException {
        for (JsonNode golden : TrainingGolden.read("optimizers.json").get("large")) {
            float[] values = afterOne(
                    optimizer(golden),
                    golden.get("gradient").floatValue(),
                    golden.get("steps").asInt());
            assertThat((double) values[0])
                    .as("%s", golden)
                    .isCloseTo(golden.get("after").asDouble(), within(1e-6));
            assertThat(values[1]).as("gradient after the step").isZero();
        }
    }

    @Test
    void anInfiniteGradientDoesNotOutliveItsStep() {
        for (OptimizerName name : OptimizerName.values()) {
            Optimizer settings = new Optimizer(name, 0.1, 0.9, 0.999, 1e-8, 0, 0.9, false);
            assertThat(afterOne(settings, Float.POSITIVE_INFINITY, 1)[1])
                    .as("%s", name)
                    .isZero();
            assertThat(afterOne(settings, Float.NaN, 1)[1]).as("%s", name).isZero();
        }
    }

    /** Returns a parameter that began as 1, and its gradient, after steps with that gradient. */
    private static float[] afterOne(Optimizer settings, float gradient, int steps) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray parameter = manager.create(new float[] {1}, new Shape(1));
            parameter.setRequiresGradient(true);
            try (UpdateRule rule = UpdateRule.of(settings, manager, Map.of("p", parameter))) {
                for (int i = 0; i < steps; i++) {
                    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                        collector.backward(parameter.mul(gradient).sum());
                    }
                    rule.step(settings.learningRate());
                }
            }
            return new float[] {
                parameter.toFloatArray()[0], parameter.getGradient().toFloatArray()[0]
            };
        }
    }

    @Test
    void stepsLeaveNoArraysBehind() throws IOException {
        JsonNode problem = TrainingGolden.read("optimizers.json").get("problem");
        try (Regression regression =
                new Regression(problem, optimizer(problem.get("cases").get(1)))) {
            regression.step();
            int before = regression.manager.getManagedArrays().size();
            for (int step = 0; step < STEPS; step++) {
                regression.step();
            }
            assertThat(regression.manager.getManagedArrays()).hasSize(before);
        }
    }

    private static void assertClose(float[] values, JsonNode expected, String what) {
        assertThat(values).hasSize(expected.size());
        for (int i = 0; i < values.length; i++) {
            double wanted = expected.get(i).asDouble();
            // Relative to the parameters' scale of 1: a value that crosses zero has no relative error of its own.
            double tolerance = 1e-5 * Math.max(0.1, Math.abs(wanted));
            assertThat((double) values[i]).as(what).isCloseTo(wanted, within(tolerance));
        }
    }

    private static Optimizer optimizer(JsonNode golden) {
        OptimizerName name = OptimizerName.valueOf(golden.get("name").asText().toUpperCase(Locale.ROOT));
        return new Optimizer(
                name,
                golden.get("learningRate").asDouble(),
                golden.path("beta1").asDouble(0.9),
                golden.path("beta2").asDouble(0.999),
                golden.path("epsilon").asDouble(1e-8),
                golden.path("weightDecay").asDouble(name == OptimizerName.ADAMW ? 0.01 : 0),
                golden.path("momentum").asDouble(0),
                golden.path("nesterov").asBoolean(false));
    }

    /** Mean squared error of x w' + b, as in optimizers.py. */
    private static final class Regression implements AutoCloseable {
        final NDManager manager = NDManager.newBaseManager();
        final UpdateRule rule;
        private final NDArray weight;
        private final NDArray bias;
        private final NDArray x;
        private final NDArray y;
        private final double learningRate;

        Regression(JsonNode problem, Optimizer optimizer) {
            x = manager.create(TrainingGolden.floats(problem.get("x")), new Shape(8, 4));
            y = manager.create(TrainingGolden.floats(problem.get("y")), new Shape(8, 3));
            weight = manager.create(TrainingGolden.floats(problem.get("weight")), new Shape(3, 4));
            bias = manager.create(TrainingGolden.floats(problem.get("bias")), new Shape(3));
            weight.setRequiresGradient(true);
            bias.setRequiresGradient(true);
            rule = UpdateRule.of(optimizer, manager, Map.of("weight", weight, "bias", bias));
            learningRate = optimizer.learningRate();
        }

        void step() {
            try (GradientCollector collector = Engine.getInstance().newGradientCollector();
                    NDManager scope = manager.newSubManager()) {
                NDArray input = x.duplicate();
                input.attach(scope);
                NDArray transposed = weight.transpose();
                transposed.attach(scope);
                NDArray output = input.matMul(transposed).add(bias);
                NDArray loss = output.sub(y).square().mean();
                collector.backward(loss);
            }
            rule.step(learningRate);
        }

        float[] values() {
            float[] first = weight.toFloatArray();
            float[] second = bias.toFloatArray();
            float[] all = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, all, first.length, second.length);
            return all;
        }

        void copyFrom(Regression other) {
            copy(other.weight, weight);
            copy(other.bias, bias);
            List<NDArray> theirs = List.copyOf(other.rule.memory().values());
            List<NDArray> ours = List.copyOf(rule.memory().values());
            for (int i = 0; i < ours.size(); i++) {
                copy(theirs.get(i), ours.get(i));
            }
            rule.resumeAt(other.rule.steps());
        }

        private static void copy(NDArray from, NDArray to) {
            try (NDArray plain = to.stopGradient();
                    NDArray theirs = from.stopGradient()) {
                plain.muli(0).addi(theirs);
            }
        }

        @Override
        public void close() {
            rule.close();
            manager.close();
        }
    }
}

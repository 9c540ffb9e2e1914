package io.github.finetide.deploy.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import java.util.List;

/** ResNet152 of DJL's own blocks, as its users would write it; random weights. */
final class DjlBlocks {
    private static final int[] BOTTLENECKS = {3, 8, 36, 3};
    private static final int CLASSES = 20;

    private DjlBlocks() {}

    /** Seconds of each time. */
    static Answer forward(int batch, int times) {
        double[] seconds = new double[times];
        Block network = resnet152();
        Shape shape = new Shape(batch, 3, PeerNetworks.EDGE, PeerNetworks.EDGE);
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu())) {
            network.initialize(manager, DataType.FLOAT32, shape);
            ParameterStore parameters = new ParameterStore(manager, false);
            NDArray images = manager.randomUniform(0, 1, shape);
            for (int i = 0; i < times; i++) {
                long began = System.nanoTime();
                try (NDManager scope = manager.newSubManager()) {
                    NDArray mine = images.duplicate();
                    mine.attach(scope);
                    network.forward(parameters, new NDList(mine), false)
                            .singletonOrThrow()
                            .toFloatArray();
                }
                seconds[i] = (System.nanoTime() - began) / 1e9;
            }
        }
        return Answer.of(seconds);
    }

    private static Block resnet152() {
        SequentialBlock network = new SequentialBlock()
                .add(convolution(64, 7, 2))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)));
        for (int stage = 0; stage < BOTTLENECKS.length; stage++) {
            for (int i = 0; i < BOTTLENECKS[stage]; i++) {
                network.add(bottleneck(64 << stage, i == 0 && stage > 0 ? 2 : 1, i == 0));
            }
        }
        return network.add(Pool.globalAvgPool2dBlock())
                .add(Linear.builder().setUnits(CLASSES).build());
    }

    private static Block bottleneck(int width, int stride, boolean first) {
        SequentialBlock main = new SequentialBlock()
                .add(convolution(width, 1, 1))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(convolution(width, 3, stride))
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(convolution(4 * width, 1, 1))
                .add(BatchNorm.builder().build());
        SequentialBlock shortcut = new SequentialBlock();
        if (first) {
            shortcut.add(convolution(4 * width, 1, stride))
                    .add(BatchNorm.builder().build());
        } else {
            shortcut.addSingleton(x -> x);
        }
        return new ParallelBlock(
                branches -> {
                    NDArray sum = branches.get(0)
                            .singletonOrThrow()
                            .add(branches.get(1).singletonOrThrow());
                    return new NDList(Activation.relu(sum));
                },
                List.of(main, shortcut));
    }

    private static Block convolution(int filters, int kernel, int stride) {
        int padding = kernel / 2;
        return Conv2d.builder()
                .setFilters(filters)
                .setKernelShape(new Shape(kernel, kernel))
                .optStride(new Shape(stride, stride))
                .optPadding(new Shape(padding, padding))
                .optBias(false)
                .build();
    }
}

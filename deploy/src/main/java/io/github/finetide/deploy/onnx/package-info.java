/**
 * Models as ONNX files, written without a library: {@link io.github.finetide.deploy.onnx.OnnxExport} is where to begin.
 * Sees message, network's layout, store and tensor; neither Kafka nor DJL.
 */
@NullMarked
package io.github.finetide.deploy.onnx;

import org.jspecify.annotations.NullMarked;

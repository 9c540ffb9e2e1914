package io.github.finetide.message;

/** What a result may hold beside its predictions, for whoever asks for it. */
public enum Include implements WireName {
    EMBEDDING,
    CAM
}

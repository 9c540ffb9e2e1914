package io.github.finetide.inference.model;

/** A model in libtorch. */
final class HeadOnBackbone implements LoadedModel {
    private final ModelInfo info;
    private final SharedBackbones.Share share;
    private final LinearHead head;

    HeadOnBackbone(ModelInfo info, SharedBackbones.Share share, LinearHead head) {
        this.info = info;
        this.share = share;
        this.head = head;
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public Backbone backbone() {
        return share.backbone();
    }

    @Override
    public Backbone.Head head() {
        return head;
    }

    @Override
    public long headBytes() {
        return head.bytes();
    }

    void closeHead() {
        head.close();
    }

    @Override
    public void close() {
        head.close();
        share.close();
    }
}

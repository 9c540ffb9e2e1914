package io.github.finetide.fetch;

import io.github.finetide.message.InlineImage;
import java.net.URI;

/** Images that stand in the request itself; there is nothing to reach and nothing to allow. */
final class InlineSource implements ImageSources.Source {
    @Override
    public byte[] fetch(URI uri, SourceRules.Limit limit) {
        return InlineImage.bytes(uri, Math.min(limit.bytes(), InlineImage.MAX_BYTES));
    }

    @Override
    public void check(URI uri) {}
}

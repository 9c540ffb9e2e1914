package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.bench.Figure.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Decoding, resizing and augmenting one image in one thread. */
final class ImageSection {
    private static final int LARGE_WIDTH = 2000;
    private static final int LARGE_HEIGHT = 1500;

    /** The compiler has seen the loops by then. */
    private static final int TIMES = 200;

    private static final int QUICK_TIMES = 80;

    private final BenchSite site;
    private final Results results;
    private final boolean quick;

    ImageSection(BenchSite site, Results results, boolean quick) {
        this.site = site;
        this.results = results;
        this.quick = quick;
    }

    void run(BenchImages images) throws IOException {
        Path small = images.files().get(0);
        Path large = site.folder().resolve("large.jpg");
        ImageIO.write(
                BenchImages.scaled(ImageIO.read(small.toFile()), LARGE_WIDTH, LARGE_HEIGHT), "jpg", large.toFile());
        String times = String.valueOf(quick ? QUICK_TIMES : TIMES);
        try (Contestant finetide = site.finetide("images")) {
            note("decode.500x375", finetide.ask("decode", small.toString(), times));
            note("decode.2000x1500", finetide.ask("decode", large.toString(), times));
            note("resize.500x375", finetide.ask("resize", small.toString(), times));
            note("resize.2000x1500", finetide.ask("resize", large.toString(), times));
            note("augment.500x375", finetide.ask("augment", small.toString(), times));
        }
    }

    private void note(String name, Answer seconds) {
        BenchSite.require(seconds);
        List<Double> sorted = seconds.numbers().stream().sorted().toList();
        results.add("image." + name, sorted.get(sorted.size() / 2) * 1000, Unit.MILLISECONDS);
    }
}

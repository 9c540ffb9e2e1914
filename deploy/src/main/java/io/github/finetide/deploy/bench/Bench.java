package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.Screen;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One run of the bench: the sections asked for, one after the other. */
final class Bench {
    /** Parts that can be run alone. */
    enum Section {
        IMAGES,
        NETWORK,
        PIPELINE,
        FLEET,
        TRAINING,
        FEATURES
    }

    /** Images that are asked for again and again; they all fit into the system's cache of files. */
    static final int PHOTOS = 64;

    /** What runs if no section is asked for by name. */
    static Set<Section> usual(boolean quick) {
        return quick ? EnumSet.complementOf(EnumSet.of(Section.FLEET)) : EnumSet.allOf(Section.class);
    }

    private final BenchSite site;
    private final Set<Section> sections;
    private final boolean quick;
    private final Screen screen;
    private final long began = System.nanoTime();
    private @Nullable ModelRelease model;

    Bench(BenchSite site, Set<Section> sections, boolean quick, Screen screen) {
        this.site = site;
        this.sections = sections;
        this.quick = quick;
        this.screen = screen;
    }

    Results run() throws IOException, InterruptedException {
        Results results = new Results(MachineFacts.read(), quick);
        report("Drawing weights and images");
        site.drawWeights();
        BenchImages images = BenchImages.write(site.folder().resolve("photos"), 1, PHOTOS);
        if (sections.contains(Section.IMAGES)) {
            report("Decoding and resizing");
            new ImageSection(site, results, quick).run(images);
        }
        if (sections.contains(Section.NETWORK)) {
            report("Exporting the network for ONNX Runtime");
            site.exportNetwork();
            new NetworkSection(site, results, quick).run(this::report);
        }
        if (sections.contains(Section.PIPELINE)) {
            new EndToEndSection(site, results, quick).run(served(images), images, this::report);
        }
        if (sections.contains(Section.FLEET)) {
            ModelRelease release = served(images);
            new ScaleOutSection(site, results).run(release, images, this::report);
            new HeadsSection(site, results).run(release, images, this::report);
        }
        if (sections.contains(Section.TRAINING)) {
            TrainingSection.Size size = quick ? TrainingSection.Size.QUICK : TrainingSection.Size.FULL;
            new TrainingSection(site, results, size).run(this::report);
        }
        if (sections.contains(Section.FEATURES)) {
            FeaturesSection.Size size = quick ? FeaturesSection.Size.QUICK : FeaturesSection.Size.FULL;
            new FeaturesSection(site, results, size).run(this::report);
        }
        return results;
    }

    /** Trained when a section first needs it. */
    private ModelRelease served(BenchImages images) throws IOException {
        ModelRelease release = model;
        if (release == null) {
            report("Training the model to be served");
            release = ServedModel.train(site, images, "bench-model", "frozen", "");
            model = release;
        }
        return release;
    }

    private void report(String what) {
        screen.line("%5.0f s  %s ...", (System.nanoTime() - began) / 1e9, what);
    }
}

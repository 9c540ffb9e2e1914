package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.Screen;
import java.io.IOException;
import java.util.Set;

/** One run of the bench: the sections asked for, one after the other. */
final class Bench {
    /** Parts that can be run alone. */
    enum Section {
        IMAGES,
        NETWORK,
        PIPELINE,
        TRAINING
    }

    /** Images that are asked for again and again; they all fit into the system's cache of files. */
    static final int PHOTOS = 64;

    private final BenchSite site;
    private final Set<Section> sections;
    private final boolean quick;
    private final Screen screen;

    Bench(BenchSite site, Set<Section> sections, boolean quick, Screen screen) {
        this.site = site;
        this.sections = sections;
        this.quick = quick;
        this.screen = screen;
    }

    Results run() throws IOException, InterruptedException {
        Results results = new Results(MachineFacts.read(), quick);
        tell("Drawing weights and images, exporting the network");
        site.prepare();
        BenchImages images = BenchImages.write(site.folder().resolve("photos"), 1, PHOTOS);
        if (sections.contains(Section.IMAGES)) {
            tell("Decoding and resizing");
            new ImageSection(site, results).run(images);
        }
        if (sections.contains(Section.NETWORK)) {
            new NetworkSection(site, results, quick).run(this::tell);
        }
        if (sections.contains(Section.PIPELINE)) {
            new EndToEndSection(site, results, quick).run(images, this::tell);
        }
        if (sections.contains(Section.TRAINING)) {
            TrainingSection.Size size = quick ? TrainingSection.Size.QUICK : TrainingSection.Size.FULL;
            new TrainingSection(site, results, size).run(this::tell);
        }
        return results;
    }

    private void tell(String what) {
        screen.line("%s ...", what);
    }
}

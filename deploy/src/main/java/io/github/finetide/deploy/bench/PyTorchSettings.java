package io.github.finetide.deploy.bench;

/**
 * How much is done for PyTorch that its user would have to do.
 *
 * <p>See RATIONALE.md, Why does PyTorch run in three ways?
 */
enum PyTorchSettings {
    /** Nothing. */
    AS_RUN("asRun", false),

    /** The allocator as our launchers set it, through the environment; the script stays as it is. */
    ALLOCATOR("tuned", true),

    /** That, and set to take every core: by itself it takes fewer on some virtual machines. */
    ALL_CORES("allCores", true);

    private final String label;
    private final boolean allocator;

    PyTorchSettings(String label, boolean allocator) {
        this.label = label;
        this.allocator = allocator;
    }

    /** In names of figures, and as the script's argument. */
    String label() {
        return label;
    }

    boolean setsAllocator() {
        return allocator;
    }
}

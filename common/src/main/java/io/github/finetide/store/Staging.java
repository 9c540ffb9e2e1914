package io.github.finetide.store;

/** Files on their way into a store. Closing removes what was not published. */
public interface Staging extends AutoCloseable {
    /** Writes a file where nobody sees it, durably. */
    FileEntry add(String name, Content content);

    /**
     * Makes all files added appear as this folder, in place of one that is there. The last one added appears last:
     * where it is there, so are the others.
     */
    void publish(String folder);

    /** Makes one file appear under this key, in place of one that is there. */
    void publishFile(String name, String key);

    @Override
    void close();
}

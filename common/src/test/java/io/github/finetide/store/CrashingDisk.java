package io.github.finetide.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A disk under a machine that loses its power at a certain step: files not forced by then lose their ends. */
final class CrashingDisk implements Disk {
    /** The power went. */
    static final class PowerLoss extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final Disk disk = new NioDisk();
    private final Set<Path> unforced = new HashSet<>();
    private int stepsLeft;

    CrashingDisk(int stepsLeft) {
        this.stepsLeft = stepsLeft;
    }

    boolean crashed() {
        return stepsLeft < 0;
    }

    private void step() throws IOException {
        if (stepsLeft-- <= 0) {
            if (stepsLeft == -1) {
                for (Path file : unforced) {
                    byte[] bytes = Files.readAllBytes(file);
                    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
                }
            }
            stepsLeft = -2;
            throw new PowerLoss();
        }
    }

    @Override
    public void createDirectories(Path folder) throws IOException {
        step();
        disk.createDirectories(folder);
    }

    @Override
    public void write(Path file, Content content) throws IOException {
        disk.write(file, content);
        unforced.add(file);
        step();
    }

    @Override
    public void force(Path fileOrFolder) throws IOException {
        step();
        disk.force(fileOrFolder);
        unforced.remove(fileOrFolder);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        step();
        disk.move(from, to);
        Map<Path, Path> moved = new HashMap<>();
        for (Path file : unforced) {
            if (file.startsWith(from)) {
                moved.put(file, to.resolve(from.relativize(file).toString()));
            }
        }
        unforced.removeAll(moved.keySet());
        unforced.addAll(moved.values());
    }

    @Override
    public void delete(Path tree) throws IOException {
        step();
        disk.delete(tree);
    }
}

package io.github.finetide.dataset;

import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.fetch.ImageUri;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import io.github.finetide.message.Shown;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A folder with a folder a class, read as torchvision's {@code ImageFolder} reads it: classes by sorted name of folder,
 * images by sorted path, by code points as Python sorts; files of other extensions, and those beside the folders, are
 * not looked at.
 *
 * @param source a URI that ends in {@code /}
 * @param classNames sorted; those without an image too
 * @param images class by class
 */
public record ClassFolders(URI source, List<String> classNames, List<Image> images) {
    /** As {@code torchvision.datasets.folder.IMG_EXTENSIONS}. */
    static final List<String> EXTENSIONS =
            List.of(".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp");

    private static final int MAX_NAMED = 20; // of classes in a message

    private static final Comparator<String> BY_CODE_POINTS =
            Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    /**
     * An image of a class.
     *
     * @param path from the source, {@code class/folder/name.jpg}
     */
    public record Image(URI uri, String className, String path) {}

    public ClassFolders {
        classNames = List.copyOf(classNames);
        images = List.copyOf(images);
    }

    /**
     * Lists the folders; no image is read.
     *
     * @throws FaultException INVALID where there is no folder, and as {@link ImageFetcher#list} does
     */
    public static ClassFolders read(URI source, ImageFetcher fetcher) {
        Set<String> names = new TreeSet<>(BY_CODE_POINTS);
        Map<String, List<String>> byFolder = new TreeMap<>(BY_CODE_POINTS);
        for (String path : fetcher.list(source)) {
            int slash = path.indexOf('/');
            if (slash > 0) {
                names.add(path.substring(0, slash));
            }
            if (slash > 0 && isImage(path)) {
                byFolder.computeIfAbsent(path.substring(0, path.lastIndexOf('/')), folder -> new ArrayList<>())
                        .add(path);
            }
        }
        if (names.isEmpty()) {
            throw Faults.of(
                    ErrorKind.INVALID,
                    Faults.shown(source) + " has no folders; expected: one for each class, named as the class, with its"
                            + " images in it");
        }
        return new ClassFolders(source, List.copyOf(names), images(source, names, byFolder));
    }

    private static boolean isImage(String path) {
        String lower = path.toLowerCase(Locale.ROOT);
        return EXTENSIONS.stream().anyMatch(lower::endsWith);
    }

    /** In the order of {@code os.walk} sorted: class, folder, name. */
    private static List<Image> images(URI source, Set<String> names, Map<String, List<String>> byFolder) {
        Map<String, List<Image>> byClass = new TreeMap<>(BY_CODE_POINTS);
        names.forEach(name -> byClass.put(name, new ArrayList<>()));
        byFolder.forEach((folder, paths) -> {
            String name = folder.replaceFirst("/.*", "");
            paths.sort(BY_CODE_POINTS);
            for (String path : paths) {
                byClass.getOrDefault(name, new ArrayList<>())
                        .add(new Image(ImageUri.inFolder(source, path), name, path));
            }
        });
        return byClass.values().stream().flatMap(List::stream).toList();
    }

    /**
     * Refuses a class without an image, as torchvision does for training images.
     *
     * @throws FaultException INVALID naming the classes
     */
    public void requireImages() {
        Set<String> empty = new TreeSet<>(BY_CODE_POINTS);
        empty.addAll(classNames);
        images.forEach(image -> empty.remove(image.className()));
        if (!empty.isEmpty()) {
            throw Faults.of(
                    ErrorKind.INVALID,
                    Faults.shown(source) + " has no image for " + named(empty) + "; put some there or remove the "
                            + (empty.size() == 1 ? "folder" : "folders") + "; images end in "
                            + String.join(", ", EXTENSIONS));
        }
    }

    /**
     * Refuses folders of classes that are not among the known ones.
     *
     * @throws FaultException INVALID naming them
     */
    public void requireAmong(List<String> known) {
        Set<String> unknown = new TreeSet<>(BY_CODE_POINTS);
        unknown.addAll(classNames);
        new HashSet<>(known).forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw Faults.of(
                    ErrorKind.INVALID,
                    Faults.shown(source) + " has folders of classes that training does not have: " + named(unknown)
                            + "; its classes are " + named(known));
        }
    }

    private static String named(Iterable<String> names) {
        List<String> all = new ArrayList<>();
        names.forEach(all::add);
        String more = all.size() > MAX_NAMED ? " and " + (all.size() - MAX_NAMED) + " more" : "";
        return all.stream().limit(MAX_NAMED).map(Shown::of).collect(Collectors.joining(", ")) + more;
    }
}

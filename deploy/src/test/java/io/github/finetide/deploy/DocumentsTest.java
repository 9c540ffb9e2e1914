package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents name exists: classes and methods, files, headings. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("common", "trainer-worker", "inference-worker", "deploy");

    /** Backticked names that are not ours: of the JDK, Kafka, PyTorch, Pillow, HTTP. */
    private static final Set<String> OF_OTHERS = Set.of(
            "LogAppendTime",
            "ImageFolder",
            "TransactionMarkerChannelManager",
            "InferenceMode",
            "InstantSource",
            "NoClassDefFoundError",
            "Host",
            "Image");

    private static final Pattern CLASS = Pattern.compile(
            "`(?:@)?([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)(?:\\.([a-z]\\w*)\\b(?:\\(.*?\\))?)?(?:\\.java)?`");
    private static final Pattern LINK = Pattern.compile("\\[[^]]+]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^## (.*)$");
    private static final Pattern QUESTION =
            Pattern.compile("see ([a-z-]*/?)RATIONALE\\.md, ((?:Why|How|What)[^?]*\\?)", Pattern.CASE_INSENSITIVE);

    private static final Map<String, Path> SOURCES = sources();

    static Stream<Path> documents() {
        return Stream.concat(
                Stream.of(ROOT.resolve("README.md"), ROOT.resolve(".github/CONTRIBUTING.md")), rationales());
    }

    static Stream<Path> rationales() {
        return MODULES.stream().map(module -> ROOT.resolve(module).resolve("RATIONALE.md"));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void classesAndMethodsExist(Path document) {
        List<String> unknown = CLASS.matcher(read(document))
                .results()
                .filter(name -> !OF_OTHERS.contains(name.group(1)) && !exists(name.group(1), name.group(2)))
                .map(MatchResult::group)
                .toList();
        assertThat(unknown).as("names in %s that no source file has", document).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadSomewhere(Path document) {
        List<String> dead = links(document)
                .filter(link -> !link.startsWith("https://"))
                .filter(link -> link.startsWith("#")
                        ? !anchors(document).contains(link.substring(1))
                        : !Files.exists(document.resolveSibling(link)))
                .toList();
        assertThat(dead).as("dead links in %s", document).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("rationales")
    void everyQuestionStandsInTheIndex(Path document) {
        String index = HEADING.split(read(document), 2)[0];
        Set<String> indexed = LINK.matcher(index)
                .results()
                .map(link -> link.group(1).substring(1))
                .collect(Collectors.toSet());
        assertThat(indexed).as("index of %s", document).isEqualTo(anchors(document));
    }

    @Test
    void theCodeRefersToQuestionsThatAreAnswered() {
        List<String> unanswered = new ArrayList<>();
        int found = 0;
        for (Path file : SOURCES.values()) {
            // A reference may run over the end of a comment's line.
            String text = read(file).replaceAll("\\s*\\n\\s*(?:\\*|//) ?", " ");
            for (MatchResult reference : QUESTION.matcher(text).results().toList()) {
                found++;
                Path document = reference.group(1).isEmpty()
                        ? ROOT.resolve(ROOT.relativize(file).getName(0)).resolve("RATIONALE.md")
                        : ROOT.resolve(reference.group(1)).resolve("RATIONALE.md");
                if (!anchors(document).contains(anchor(reference.group(2)))) {
                    unanswered.add(file + ": " + reference.group());
                }
            }
        }
        assertThat(unanswered).isEmpty();
        assertThat(found).as("references found").isPositive();
    }

    private static boolean exists(String name, String member) {
        Path source = SOURCES.get(name);
        return source != null
                && (member == null || member.equals("java") || read(source).contains(member));
    }

    private static Stream<String> links(Path document) {
        return LINK.matcher(read(document)).results().map(link -> link.group(1));
    }

    private static Set<String> anchors(Path document) {
        return HEADING.matcher(read(document))
                .results()
                .map(heading -> anchor(heading.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A heading's address, as GitHub makes it. */
    private static String anchor(String heading) {
        return heading.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9 _-]", "")
                .replace(' ', '-');
    }

    private static Map<String, Path> sources() {
        Map<String, Path> byName = new TreeMap<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(
                                file -> byName.put(file.getFileName().toString().replace(".java", ""), file));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
        return byName;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}

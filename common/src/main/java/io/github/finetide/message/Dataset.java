package io.github.finetide.message;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The manifests of a job ({@code path label} a line), and the names of its classes where given. */
public record Dataset(URI train, URI validation, @Nullable List<String> classNames) {
    static final Set<String> SCHEMES = Set.of("file", "http", "https", "s3");

    public Dataset {
        Check.uri("train", train, SCHEMES);
        Check.uri("validation", validation, SCHEMES);
        if (classNames != null) {
            classNames = List.copyOf(classNames);
            classNames.forEach(name -> Check.text("classNames", name));
            int distinct = new HashSet<>(classNames).size();
            Check.require(distinct == classNames.size(), "classNames", classNames, "each name once");
        }
    }
}

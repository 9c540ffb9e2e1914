package io.github.finetide.message;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Starting weights that are what a model is released as: {@code model:<name>} or {@code model:<name>@<version>}.
 *
 * @param version null for the one that is released when the job is first taken
 */
public record ModelWeights(String model, @Nullable String version) {
    private static final Pattern TEXT = Pattern.compile("model:([^@]*)(?:@(.*))?");

    public ModelWeights {
        Check.id("weights", model);
        if (version != null) {
            ModelRelease.checkVersion("weights", version);
        }
    }

    /** Whether a job's weights are meant to be those of a model. */
    static boolean isMeant(String weights) {
        return TEXT.matcher(weights).matches();
    }

    /**
     * Reads a job's weights; empty where they are something else.
     *
     * @throws FaultException INVALID where name or version cannot be one
     */
    public static Optional<ModelWeights> of(String weights) {
        Matcher matcher = TEXT.matcher(weights);
        return matcher.matches() ? Optional.of(new ModelWeights(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    /** The job whose checkpoint the version is; empty without a version. */
    public Optional<String> jobId() {
        return Optional.ofNullable(version).map(text -> text.substring(0, text.lastIndexOf('@')));
    }

    /** The epoch whose checkpoint the version is; 0 without a version. */
    public int epoch() {
        return version == null ? 0 : Integer.parseInt(version.substring(version.lastIndexOf('@') + 1));
    }

    /** What to say where there is no such release. */
    public FaultException notFound() {
        String why = version == null
                ? "no model of this name is released"
                : "this version was not released, and the store has no such checkpoint of this model";
        return new FaultException(ErrorKind.NOT_FOUND, "weights: " + this + ": " + why);
    }

    @Override
    public String toString() {
        return "model:" + model + (version == null ? "" : "@" + version);
    }
}

package io.github.finetide.confidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The population stability index of the last answers against validation: the sum over groups of
 * {@code (p - q) * ln(p / q)}, with p a group's share of the answers and q its share of the validation images. Neighbouring
 * bins are one group where they hold few images, and each group counts half an image more than it holds: else a single
 * answer in an empty bin would decide. Safe for several threads.
 *
 * <p>See RATIONALE.md, Why is drift measured in groups, and from so many answers on?
 */
public final class StabilityIndex {
    /** With fewer validation images, chance alone would be taken for drift. */
    public static final int LEAST_IMAGES = 100;

    /** How many answers count, the last ones. */
    static final int WINDOW = 1_000;

    /** With fewer answers there is no index. */
    static final int LEAST_ANSWERS = 500;

    /** The share of the validation images that a group holds at least, unless it lies alone between larger bins. */
    private static final double GROUP_SHARE = 0.1;

    private static final double HALF = 0.5;

    private final int[] groupOfBin;
    private final double[] expected;
    private final int[] counts;
    private final byte[] window = new byte[WINDOW]; // groups: at most 20
    private long answers;

    /** @param images of validation, by bin */
    public StabilityIndex(List<Integer> images) {
        int total = images.stream().mapToInt(Integer::intValue).sum();
        groupOfBin = groups(images, GROUP_SHARE * total);
        int[] grouped = new int[groupOfBin.length == 0 ? 0 : groupOfBin[groupOfBin.length - 1] + 1];
        for (int bin = 0; bin < groupOfBin.length; bin++) {
            grouped[groupOfBin[bin]] += images.get(bin);
        }
        expected = shares(grouped, total);
        counts = new int[grouped.length];
    }

    /** A group ends where it is large enough, and before a bin that is so alone. */
    private static int[] groups(List<Integer> images, double least) {
        int[] groups = new int[images.size()];
        int group = 0;
        double held = 0;
        for (int bin = 0; bin < groups.length; bin++) {
            boolean next = bin > 0 && (held >= least || images.get(bin) >= least);
            group += next ? 1 : 0;
            held = (next ? 0 : held) + images.get(bin);
            groups[bin] = group;
        }
        return groups;
    }

    private static double[] shares(int[] counts, int total) {
        return Arrays.stream(counts)
                .mapToDouble(count -> (count + HALF) / (total + HALF * counts.length))
                .toArray();
    }

    /** Takes an answer in; of more than the window holds, the oldest goes. */
    public synchronized void add(int bin) {
        int at = (int) (answers % WINDOW);
        if (answers >= WINDOW) {
            counts[window[at]]--;
        }
        window[at] = (byte) groupOfBin[bin];
        counts[window[at]]++;
        answers++;
    }

    /** Returns the index: below 0.1 nothing, above 0.25 much has moved, by convention; NaN before there are enough answers. */
    public synchronized double value() {
        if (answers < LEAST_ANSWERS) {
            return Double.NaN;
        }
        double[] seen = shares(counts, (int) Math.min(answers, WINDOW));
        double sum = 0;
        for (int group = 0; group < seen.length; group++) {
            sum += (seen[group] - expected[group]) * Math.log(seen[group] / expected[group]);
        }
        return sum;
    }

    /** The groups as lists of bins, for tests. */
    List<List<Integer>> groups() {
        List<List<Integer>> groups = new ArrayList<>();
        for (int bin = 0; bin < groupOfBin.length; bin++) {
            if (groups.size() == groupOfBin[bin]) {
                groups.add(new ArrayList<>());
            }
            groups.get(groupOfBin[bin]).add(bin);
        }
        return groups;
    }
}

package io.github.finetide.deploy.bench;

import java.util.Arrays;
import java.util.List;

/**
 * What a contestant says to a command.
 *
 * @param numbers empty if it refuses
 * @param refusal why it cannot do this, empty if it did
 */
record Answer(List<Double> numbers, String refusal) {
    static Answer of(double... numbers) {
        return new Answer(Arrays.stream(numbers).boxed().toList(), "");
    }

    static Answer refused(String why) {
        return new Answer(List.of(), why);
    }

    /**
     * Reads a line of the protocol that all contestants speak.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Answer parse(String line) {
        if (line.startsWith("!")) {
            return refused(line.substring(1).strip());
        }
        if (!line.startsWith("=")) {
            throw new IllegalArgumentException("not an answer: " + line);
        }
        return new Answer(
                Arrays.stream(line.substring(1).strip().split(" "))
                        .filter(number -> !number.isEmpty())
                        .map(Double::valueOf)
                        .toList(),
                "");
    }

    /** Writes it as a line of the protocol. */
    String line() {
        if (!refusal.isEmpty()) {
            return "! " + refusal.replace('\n', ' ');
        }
        StringBuilder line = new StringBuilder("=");
        numbers.forEach(number -> line.append(' ').append(number));
        return line.toString();
    }

    boolean isRefusal() {
        return !refusal.isEmpty();
    }
}

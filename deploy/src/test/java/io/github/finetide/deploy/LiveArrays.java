package io.github.finetide.deploy;

import java.lang.management.ManagementFactory;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Counts the tensors that this process holds. A manager refers to each of its arrays until it is closed, so what is left
 * after a collection is what nobody has closed.
 */
public final class LiveArrays {
    private static final String TENSOR = "ai.djl.pytorch.engine.PtNDArray";

    private LiveArrays() {}

    public static int count() {
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return histogram
                    .lines()
                    .map(line -> List.of(line.strip().split(" +")))
                    .filter(columns -> columns.size() > 3 && columns.get(3).equals(TENSOR))
                    .mapToInt(columns -> Integer.parseInt(columns.get(1)))
                    .sum();
        } catch (JMException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}

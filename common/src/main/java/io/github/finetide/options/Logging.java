package io.github.finetide.options;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/** Switches between the appenders of {@code logback.xml}. */
public final class Logging {
    /** The property that logback.xml chooses by. */
    static final String FORMAT = "finetide.log";

    private Logging() {}

    public static void use(LogFormat format) {
        String name = format.name().toLowerCase(Locale.ROOT);
        boolean same = name.equals(System.getProperty(FORMAT, "text"));
        System.setProperty(FORMAT, name);
        if (!same && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.reset();
            try {
                new ContextInitializer(context).autoConfig();
            } catch (JoranException broken) {
                throw new IllegalStateException("logback.xml cannot be read", broken);
            }
        }
    }
}

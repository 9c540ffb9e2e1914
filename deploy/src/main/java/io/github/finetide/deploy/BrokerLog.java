package io.github.finetide.deploy;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** A broker in this process says a lot, which belongs into a file and not on its user's terminal. */
public final class BrokerLog {
    private BrokerLog() {}

    /** Everything this process logs goes to the file from now on. */
    public static void toFile(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        System.setProperty("finetide.log.file", file.toString());
        System.setProperty("finetide.log.to", "FILE");
        System.setProperty("finetide.log.level", "INFO");
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.reset();
            try {
                new ContextInitializer(context).autoConfig();
            } catch (JoranException broken) {
                throw new IllegalStateException("logback-finetide.xml cannot be read", broken);
            }
        }
    }
}

package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class FinetideMainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void everyCommandExplainsItself() {
        for (String name : FinetideMain.commandLine().getSubcommands().keySet()) {
            out.getBuffer().setLength(0);

            assertThat(run(name, "--help")).as(name).isZero();
            assertThat(out.toString()).startsWith("Usage: finetide " + name);
            assertThat(FinetideMain.commandLine()
                            .getSubcommands()
                            .get(name)
                            .getCommandSpec()
                            .usageMessage()
                            .description())
                    .as("description of " + name)
                    .isNotEmpty();
        }
    }

    @Test
    void withoutACommandTheListOfCommandsIsShown() {
        assertThat(run()).isEqualTo(2);

        assertThat(err.toString()).contains("Commands:");
    }

    @Test
    void anUnknownCommandIsNamedWithTheOneThatWasMeant() {
        assertThat(run("clasify", "a.jpg")).isEqualTo(2);

        assertThat(err.toString()).contains("there is no command 'clasify'").contains("classify");
    }

    @Test
    void theVersionNamesTheBuildAndItsLibraries() throws Exception {
        assertThat(run("version", "--json")).isZero();

        JsonNode version = new ObjectMapper().readTree(out.toString());
        assertThat(version.path("version").asText()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
        assertThat(version.path("commit").asText()).matches("unknown|[0-9a-f]{40}");
        assertThat(version.path("dependencies").toString()).contains("kafka-clients-");
    }

    @Test
    void anUnknownOptionIsWrongUsage() {
        assertThat(run("watch", "--nonsense")).isEqualTo(2);

        assertThat(err.toString()).contains("--nonsense");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--kind=nonsense", "--rate=0", "--max-replays=0", "--kafka-config=acks"})
    void aReplayThatCannotBeMeantIsWrongUsage(String option) {
        assertThat(run("replay", "classification.requests.dlq", option)).isEqualTo(2);

        assertThat(err.toString()).contains(option.split("=", 2)[0]);
    }

    @Test
    void aJobThatIsNotThereIsOneClearLine(@TempDir Path folder) {
        assertThat(run("train", folder.resolve("job.json").toString())).isEqualTo(1);

        assertThat(err.toString()).hasLineCount(1).startsWith("finetide: there is no file ");
    }

    @Test
    void aTypoInAJobIsFoundBeforeItIsSent(@TempDir Path folder) throws Exception {
        Path job = Files.writeString(folder.resolve("job.json"), """
                {"jobId": "j", "model": "m", "epoch": 3,
                 "dataset": {"train": "file:///t.txt", "validation": "file:///v.txt"}}
                """);

        assertThat(run("train", job.toString())).isEqualTo(1);

        assertThat(err.toString()).hasLineCount(1).contains("job.json").contains("epoch");
    }

    @Test
    void stackTracesAreShownOnDemand(@TempDir Path folder) {
        assertThat(run("train", "--verbose", folder.resolve("job.json").toString()))
                .isEqualTo(1);

        assertThat(err.toString()).contains("CommandFailure").contains("at io.github.finetide");
    }

    private int run(String... arguments) {
        CommandLine line = FinetideMain.commandLine();
        return line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
    }
}

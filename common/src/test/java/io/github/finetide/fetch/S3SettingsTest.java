package io.github.finetide.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;

class S3SettingsTest {
    private static S3Settings settings(String profile, String... lines) {
        String file = String.join("\n", lines) + "\n";
        return S3Settings.of(
                () -> ProfileFile.builder()
                        .content(new ByteArrayInputStream(file.getBytes(UTF_8)))
                        .type(ProfileFile.Type.CONFIGURATION)
                        .build(),
                profile,
                Map.of());
    }

    @Test
    void theProfileTellsRegionAndEndpoint() {
        assertThat(settings("default", "[default]", "region = eu-west-3"))
                .isEqualTo(new S3Settings(Region.EU_WEST_3, false));
        assertThat(settings("p", "[default]", "region = eu-west-3", "[profile p]", "region = eu-north-1"))
                .isEqualTo(new S3Settings(Region.EU_NORTH_1, false));
        assertThat(settings("default", "[default]", "endpoint_url = http://localhost:9000"))
                .isEqualTo(new S3Settings(Region.US_EAST_1, true));
    }

    @Test
    void anEndpointOfTheServiceCountsToo() {
        List<String> lines = List.of(
                "[default]", "services = mine", "[services mine]", "s3 =", "  endpoint_url = http://localhost:9000");

        assertThat(settings("default", lines.toArray(String[]::new)).pathStyle())
                .isTrue();
    }

    @Test
    void theProfileSaysHowBucketsAreAddressed() {
        assertThat(settings("default", "[default]", "s3 =", "  addressing_style = path")
                        .pathStyle())
                .isTrue();
        assertThat(settings(
                                "default",
                                "[default]",
                                "endpoint_url = http://localhost:9000",
                                "s3 =",
                                "  addressing_style = virtual")
                        .pathStyle())
                .isFalse();
    }

    @Test
    void withoutAnyThereIsStillARegion() {
        assertThat(settings("missing", "[default]", "region = eu-west-3"))
                .isEqualTo(new S3Settings(Region.US_EAST_1, false));
    }
}

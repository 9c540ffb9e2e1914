package io.github.finetide.fetch;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.regions.Region;

/**
 * What the SDK does not find out by itself: the region where it is not AWS's own, and whether a bucket's name goes into
 * the path. Environment and system properties first, then the profile, as the AWS command line reads it: {@code region},
 * {@code endpoint_url} (also under {@code s3} of its {@code services}), {@code s3 = addressing_style = path}.
 */
record S3Settings(Region region, boolean pathStyle) {
    private static final Pattern ENDPOINT = Pattern.compile("(?m)^\\s*endpoint_url\\s*=\\s*(\\S+)");
    private static final Pattern STYLE = Pattern.compile("(?m)^\\s*addressing_style\\s*=\\s*(\\w+)");

    static S3Settings find() {
        return of(
                ProfileFile::defaultProfileFile,
                ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow(),
                System.getenv());
    }

    static S3Settings of(Supplier<ProfileFile> files, String name, Map<String, String> environment) {
        ProfileFile file = files.get();
        Optional<Profile> profile = file.profile(name);
        boolean ownEndpoint = hasOwnEndpoint(file, profile, environment);
        Optional<String> style = nested(profile, "s3", STYLE);
        boolean pathStyle = style.map(s -> s.equals("path") || (s.equals("auto") && ownEndpoint))
                .orElse(ownEndpoint); // servers of one's own rarely have a host name for each bucket
        return new S3Settings(region(profile, environment), pathStyle);
    }

    /** A server that is not Amazon's has no regions, but must be given one. */
    private static Region region(Optional<Profile> profile, Map<String, String> environment) {
        return Stream.of(
                        Optional.ofNullable(System.getProperty(SdkSystemSetting.AWS_REGION.property())),
                        Optional.ofNullable(environment.get("AWS_REGION")),
                        Optional.ofNullable(environment.get("AWS_DEFAULT_REGION")), // the SDK does not read it
                        profile.flatMap(p -> p.property("region")))
                .flatMap(Optional::stream)
                .filter(name -> !name.isBlank())
                .findFirst()
                .map(Region::of)
                .orElse(Region.US_EAST_1);
    }

    private static boolean hasOwnEndpoint(
            ProfileFile file, Optional<Profile> profile, Map<String, String> environment) {
        return Stream.of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL").anyMatch(environment::containsKey)
                || Stream.of("aws.endpointUrlS3", "aws.endpointUrl").anyMatch(name -> System.getProperty(name) != null)
                || profile.flatMap(p -> p.property("endpoint_url")).isPresent()
                || nested(services(file, profile), "s3", ENDPOINT).isPresent();
    }

    private static Optional<Profile> services(ProfileFile file, Optional<Profile> profile) {
        return profile.flatMap(p -> p.property("services")).flatMap(name -> file.getSection("services", name));
    }

    /** A property below a property, which the SDK gives as lines. */
    private static Optional<String> nested(Optional<Profile> profile, String property, Pattern line) {
        return profile.flatMap(p -> p.property(property))
                .map(line::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1));
    }
}

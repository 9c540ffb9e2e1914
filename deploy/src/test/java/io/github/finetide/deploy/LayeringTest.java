package io.github.finetide.deploy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.stream.Stream;

/** Who may see whom: message at the bottom, the workers side by side, deploy on top. */
@AnalyzeClasses(packages = "io.github.finetide", importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
    private static final String BASE = "io.github.finetide.";
    private static final String KAFKA = "org.apache.kafka..";
    private static final String DJL = "ai.djl..";

    @ArchTest
    static final ArchRule messageSeesOnlyJavaAndJackson = classes()
            .that()
            .resideInAPackage(BASE + "message")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(BASE + "message", "java..", "com.fasterxml.jackson..", "org.jspecify..");

    @ArchTest
    static final ArchRule kafkaSeesMessage = ofOurs("kafka", "message");

    @ArchTest
    static final ArchRule imageSeesMessage = ofOurs("image", "message");

    /** Both read buckets with the same client. */
    @ArchTest
    static final ArchRule storeSeesMessageAndTheBucketsOfImage = ofOurs("store", "message", "image");

    @ArchTest
    static final ArchRule networkSeesMessageAndImage = ofOurs("network", "message", "image");

    @ArchTest
    static final ArchRule runtimeSeesMessageAndKafka = ofOurs("runtime", "message", "kafka");

    @ArchTest
    static final ArchRule trainerSeesCommonOnly =
            ofOurs("trainer", "message", "kafka", "image", "store", "network", "runtime");

    @ArchTest
    static final ArchRule inferenceSeesCommonOnly =
            ofOurs("inference", "message", "kafka", "image", "store", "network", "runtime");

    @ArchTest
    static final ArchRule imagesAndStoresAndNetworksKnowNoKafka = noClasses()
            .that()
            .resideInAnyPackage(BASE + "message", BASE + "image", BASE + "store", BASE + "network")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(KAFKA);

    @ArchTest
    static final ArchRule onlyNetworkAndWorkersAndTheBenchKnowTensors = noClasses()
            .that(resideOutsideOfPackages(
                    BASE + "network", BASE + "trainer", BASE + "inference", BASE + "deploy.bench"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(DJL);

    @ArchTest
    static final ArchRule packagesFormNoCircle =
            slices().matching("io.github.finetide.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule embeddedKafkaIsForDeployAlone = classes()
            .that()
            .resideInAPackage(BASE + "deploy.local")
            .should()
            .onlyBeAccessed()
            .byAnyPackage(BASE + "deploy..");

    private static ArchRule ofOurs(String name, String... seen) {
        String[] allowed = Stream.concat(Stream.of(name), Arrays.stream(seen))
                .map(other -> BASE + other)
                .toArray(String[]::new);
        DescribedPredicate<JavaClass> others = resideInAPackage("io.github.finetide..")
                .and(DescribedPredicate.not(resideInAnyPackage(allowed)))
                .as("are ours but not in %s or %s", name, String.join(", ", seen));
        return noClasses().that().resideInAPackage(BASE + name).should().dependOnClassesThat(others);
    }
}

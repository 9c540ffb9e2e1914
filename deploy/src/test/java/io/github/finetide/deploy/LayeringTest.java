package io.github.finetide.deploy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may see whom: message at the bottom, the workers side by side, deploy on top. */
@AnalyzeClasses(packages = "io.github.finetide", importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
    private static final String BASE = "io.github.finetide.";
    private static final String KAFKA = "org.apache.kafka..";
    private static final String DJL = "ai.djl..";

    /** More classes than a reader keeps in mind; messages are many and each stands alone. */
    private static final int MOST_CLASSES_OF_A_PACKAGE = 35;

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.github.finetide");

    @ArchTest
    static final ArchRule messageSeesOnlyJavaAndJackson = classes()
            .that()
            .resideInAPackage(BASE + "message..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(BASE + "message..", "java..", "com.fasterxml.jackson..", "org.jspecify..");

    @ArchTest
    static final ArchRule kafkaSeesMessage = ofOurs("kafka..", "message..");

    @ArchTest
    static final ArchRule imageSeesMessage = ofOurs("image..", "message..");

    @ArchTest
    static final ArchRule fetchSeesImageForItsLimits = ofOurs("fetch..", "message..", "image");

    @ArchTest
    static final ArchRule datasetSeesFetch = ofOurs("dataset..", "message..", "fetch..");

    /** Both read buckets with the same client. */
    @ArchTest
    static final ArchRule storeSeesMessageAndTheBucketsOfFetch = ofOurs("store..", "message..", "fetch..", "files..");

    @ArchTest
    static final ArchRule featuresSeeStoreAndTensors = ofOurs("features..", "message..", "store..", "tensor..");

    @ArchTest
    static final ArchRule confidenceSeesMessage = ofOurs("confidence..", "message..");

    @ArchTest
    static final ArchRule tracingSeesMessage = ofOurs("tracing..", "message..");

    @ArchTest
    static final ArchRule tensorSeesMessage = ofOurs("tensor..", "message..");

    @ArchTest
    static final ArchRule networkSeesTensorsAndPixels =
            ofOurs("network..", "message..", "image..", "tensor..", "fetch..", "files..");

    @ArchTest
    static final ArchRule filesSeeNothingOfOurs = ofOurs("files..");

    @ArchTest
    static final ArchRule trainerSeesCommonOnly = worker("trainer..");

    @ArchTest
    static final ArchRule inferenceSeesCommonOnly = worker("inference..");

    @ArchTest
    static final ArchRule onlyJobsRequestsAndMainsKnowKafka = noClasses()
            .that()
            .resideInAnyPackage(ours(
                    "message..",
                    "image..",
                    "fetch..",
                    "dataset..",
                    "tensor..",
                    "store..",
                    "features..",
                    "network..",
                    "trainer.training..",
                    "trainer.progress..",
                    "trainer.data..",
                    "trainer.learning..",
                    "trainer.report..",
                    "trainer.review..",
                    "inference.pipeline..",
                    "inference.model.."))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(KAFKA, BASE + "kafka..");

    @ArchTest
    static final ArchRule onlyNetworksKnowDjl = noClasses()
            .that(resideOutsideOfPackages(ours(
                    "network..",
                    "trainer",
                    "trainer.training..",
                    "trainer.data..",
                    "trainer.learning..",
                    "trainer.review..",
                    "inference",
                    "inference.model..",
                    "deploy.bench..")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(DJL);

    @ArchTest
    static final ArchRule trainingSeesNothingThatPublishes = noClasses()
            .that()
            .resideInAnyPackage(ours(
                    "trainer.training..",
                    "trainer.progress..",
                    "trainer.data..",
                    "trainer.learning..",
                    "trainer.review..",
                    "trainer.report.."))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ours("trainer", "trainer.jobs.."));

    @ArchTest
    static final ArchRule deploySeesOfTheInferenceWorkerOnlyItsMain = noClasses()
            .that()
            .resideInAPackage(BASE + "deploy..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ours("inference.*.."));

    @ArchTest
    static final ArchRule deploySeesOfTheTrainerOnlyItsMain = noClasses()
            .that()
            .resideInAPackage(BASE + "deploy..")
            .and()
            .resideOutsideOfPackage(BASE + "deploy.bench..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ours("trainer.*.."));

    @ArchTest
    static final ArchRule theBenchSeesTrainingToo = noClasses()
            .that()
            .resideInAPackage(BASE + "deploy.bench..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ours("trainer.jobs..", "trainer.data..", "trainer.learning..", "trainer.report.."));

    @ArchTest
    static final ArchRule packagesFormNoCircle =
            slices().matching("io.github.finetide.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule roomsOfTheTrainerFormNoCircle =
            slices().matching("io.github.finetide.trainer.(*)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule roomsOfTheInferenceWorkerFormNoCircle =
            slices().matching("io.github.finetide.inference.(*)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule embeddedKafkaIsForDeployAlone = classes()
            .that()
            .resideInAPackage(BASE + "deploy.local")
            .should()
            .onlyBeAccessed()
            .byAnyPackage(BASE + "deploy..");

    @Test
    void noPackageHasMoreClassesThanAReaderKeepsInMind() {
        Map<String, Long> sizes = topLevel()
                .filter(type -> !type.getPackageName().equals(BASE + "message"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(sizes)
                .isNotEmpty()
                .allSatisfy((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(MOST_CLASSES_OF_A_PACKAGE));
    }

    @Test
    void noSimpleNameStandsTwice() {
        Map<String, List<String>> places = topLevel()
                .collect(Collectors.groupingBy(
                        JavaClass::getSimpleName, Collectors.mapping(JavaClass::getName, Collectors.toList())));
        assertThat(places.values())
                .isNotEmpty()
                .allSatisfy(names -> assertThat(names).hasSize(1));
    }

    private static Stream<JavaClass> topLevel() {
        return OURS.stream()
                .filter(JavaClass::isTopLevelClass)
                .filter(type -> !type.getSimpleName().equals("package-info"));
    }

    private static ArchRule worker(String name) {
        return ofOurs(
                name,
                "message..",
                "kafka..",
                "confidence..",
                "image..",
                "fetch..",
                "files..",
                "dataset..",
                "tensor..",
                "store..",
                "features..",
                "network..",
                "options..",
                "metrics..",
                "tracing..",
                "runtime..");
    }

    private static String[] ours(String... names) {
        return Arrays.stream(names).map(name -> BASE + name).toArray(String[]::new);
    }

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

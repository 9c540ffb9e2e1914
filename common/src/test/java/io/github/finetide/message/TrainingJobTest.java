package io.github.finetide.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingJobTest {
    private static final String REQUIRED = "\"jobId\":\"j1\",\"model\":\"dishes\","
            + "\"dataset\":{\"train\":\"file:///d/train.txt\",\"validation\":\"file:///d/test.txt\"}";

    @Test
    void defaultsAreTheArticlesAndPyTorchs() {
        assertThat(new String(Json.write(job("")), UTF_8)).isEqualTo("""
                {"jobId":"j1","model":"dishes",\
                "dataset":{"train":"file:///d/train.txt","validation":"file:///d/test.txt"},\
                "classes":20,"network":"resnet152","weights":"IMAGENET1K_V2","head":"new","trainable":"head",\
                "batchNorm":"update","epochs":20,"batchSize":64,\
                "optimizer":{"name":"adam","learningRate":0.001,"beta1":0.9,"beta2":0.999,"epsilon":1.0E-8,\
                "weightDecay":0.0,"momentum":0.0,"nesterov":false},\
                "schedule":{"name":"constant","stepSize":25,"gamma":0.5,"warmupEpochs":0},"labelSmoothing":0.0,\
                "augmentation":{"resize":300,"rotation":45.0,"crop":256,"horizontalFlip":0.5,"verticalFlip":0.5,\
                "brightness":0.2,"contrast":0.1,"saturation":0.1,"hue":0.1,"grayscale":0.1,"views":0},\
                "imageSize":256,"precision":"fp32","shuffle":true,"seed":0,"checkpoint":{"keep":3},\
                "release":"best","dryRun":false}""");
    }

    @Test
    void fieldsNextToADefaultKeepTheOthers() {
        TrainingJob job = job(",\"optimizer\":{\"learningRate\":0.1},\"augmentation\":{\"views\":0,\"hue\":0.3}");

        assertThat(job.optimizer().beta2()).isEqualTo(0.999);
        assertThat(job.augmentation().hue()).isEqualTo(0.3);
        assertThat(job.augmentation().crop()).isEqualTo(256);
    }

    @Test
    void othersReadItWithoutSignatures() {
        String signed = "https://u:secret@h.example/a.txt?X-Amz-Date=1&X-Amz-Signature=0a1b";
        TrainingJob job = Json.read(
                ("{\"jobId\":\"j\",\"model\":\"m\",\"weights\":\"" + signed + "\",\"dataset\":{\"train\":\"" + signed
                                + "\",\"validation\":\"" + signed + "\"}}")
                        .getBytes(UTF_8),
                TrainingJob.class);

        String shown = new String(Json.write(job.redacted()), UTF_8);

        assertThat(shown).doesNotContain("0a1b").doesNotContain("secret").contains("X-Amz-Date=1");
        assertThat(job.redacted()).isEqualTo(job.redacted().redacted());
        assertThat(job("").redacted()).isEqualTo(job(""));
    }

    @Test
    void nullMeansLeftOut() {
        assertThat(job(",\"classes\":null,\"earlyStopping\":null")).isEqualTo(job(""));
    }

    @Test
    void cnnTrainsWholeFromScratch() {
        TrainingJob job = job(",\"network\":\"cnn\",\"seed\":7");

        assertThat(job.weights()).isEqualTo("random:7");
        assertThat(job.trainable()).isEqualTo(Trainable.ALL);
    }

    @Test
    void theWeightsOfAModelComeWithItsHead() {
        assertThat(job(",\"weights\":\"model:dishes@dishes-1@7\"").head()).isEqualTo(Head.PRETRAINED);
        assertThat(job(",\"weights\":\"model:dishes\",\"head\":\"new\"").head()).isEqualTo(Head.NEW);
        ModelWeights named = ModelWeights.of("model:dishes@dishes-1@7").orElseThrow();
        assertThat(named.jobId()).contains("dishes-1");
        assertThat(named.epoch()).isEqualTo(7);
        assertThat(ModelWeights.of("random:7")).isEmpty();
    }

    @Test
    void cropAndResizeFollowTheImageSize() {
        Augmentation augmentation = job(",\"imageSize\":64").augmentation();

        assertThat(augmentation.crop()).isEqualTo(64);
        assertThat(augmentation.resize()).isEqualTo(75);
    }

    @Test
    void adamwHasPyTorchsWeightDecay() {
        assertThat(job(",\"optimizer\":{\"name\":\"adamw\"}").optimizer().weightDecay())
                .isEqualTo(0.01);
    }

    @Test
    void augmentationNoneIsNone() {
        assertThat(job(",\"augmentation\":\"none\"").augmentation()).isEqualTo(Augmentation.NONE);
    }

    @Test
    void earlyStoppingWatchesAccuracy() {
        assertThat(job(",\"earlyStopping\":{\"patience\":3}").earlyStopping())
                .isEqualTo(new EarlyStopping(ValidationMetric.ACCURACY, 3, 0));
    }

    @Test
    void classNamesAreNumbersUnlessGiven() {
        assertThat(job(",\"classes\":3").classNames()).containsExactly("0", "1", "2");
    }

    @Test
    void digestIsOfTheMeaningNotTheSpelling() {
        assertThat(job(",\"classes\":20.0, \"labelSmoothing\":0").digest()).isEqualTo(job("").digest());
        assertThat(job(",\"seed\":1").digest()).isNotEqualTo(job("").digest());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "classes":1                              | classes: 1 is not allowed; allowed: 2 to 100000
            "classes":"20"                           | classes: "20" is not allowed; allowed: a whole number of 32 bits
            "epochs":0                               | epochs: 0 is not allowed; allowed: 1 to 10000
            "epochs":2.5                             | epochs: 2.5 is not allowed; allowed: a whole number of 32 bits
            "batchSize":5000                         | batchSize: 5000 is not allowed; allowed: 1 to 4096
            "shuffle":1                              | shuffle: 1 is not allowed; allowed: true or false
            "network":"resnet18"                     | network: "resnet18" is not allowed; allowed: resnet50, resnet101, resnet152, cnn
            "epoch":3                                | epoch: is not a field; did you mean epochs?
            "batchsize":3                            | batchsize: is not a field; did you mean batchSize?
            "optimizer":{"learnigRate":1}            | optimizer.learnigRate: is not a field; did you mean learningRate?
            "optimizer":{"learningRate":-1}          | optimizer.learningRate: -1.0 is not allowed; allowed: a finite number, 0 or more
            "optimizer":{"beta1":1}                  | optimizer.beta1: 1.0 is not allowed; allowed: 0 or more, below 1
            "optimizer":"adam"                       | optimizer: "adam" is not allowed; allowed: an object
            "augmentation":"off"                     | augmentation: "off" is not allowed; allowed: "none" or an object
            "augmentation":{"hue":0.6}               | augmentation.hue: 0.6 is not allowed; allowed: 0.0 to 0.5
            "augmentation":{"views":2}               | augmentation.views: 2 is not allowed; allowed: 0; above 0 only with trainable head and batchNorm frozen
            "precision":"int8"                       | precision: "int8" is not allowed; allowed: int8 only with trainable head and batchNorm frozen
            "network":"cnn","trainable":"head","batchNorm":"frozen","precision":"int8" | precision: "int8" is not allowed; allowed: fp32 or bf16 with network cnn
            "weights":"gs://b/a.pth"                 | weights: "gs://b/a.pth" is not allowed; allowed: IMAGENET1K_V2, a file:, https: or s3: URI, model:<name>[@<version>], or random:<seed>; this scheme is not supported
            "weights":"imagenet"                     | weights: "imagenet" is not allowed; allowed: IMAGENET1K_V2, a file:, https: or s3: URI, model:<name>[@<version>], or random:<seed>
            "weights":"model:a/b"                    | weights: "a/b" is not allowed; allowed: [A-Za-z0-9._-]{1,100}, not . or ..
            "weights":"model:dishes@7"               | weights: "7" is not allowed; allowed: <jobId>@<epoch>
            "earlyStopping":{"metric":"loss"}        | earlyStopping.patience: is missing, and must be given
            "maxDuration":"6 hours"                  | maxDuration: "6 hours" is not allowed; allowed: an ISO-8601 duration like PT6H
            "maxDuration":"PT0S"                     | maxDuration: PT0S is not allowed; allowed: a duration above zero
            "checkpoint":{"keep":0}                  | checkpoint.keep: 0 is not allowed; allowed: 1 to 10000
            "labelSmoothing":1e999                   | labelSmoothing: "Infinity" is not allowed; allowed: a finite number
            "network":"cnn","trainable":"layer4"     | trainable: "layer4" is not allowed; allowed: head or all with network cnn
            """)
    void refusalsNameFieldValueAndRule(String fields, String message) {
        assertThat(fault("{" + REQUIRED + "," + fields + "}")).hasMessage(message);
    }

    @Test
    void nestedInputsAreNamedWithTheirPath() {
        assertThat(
                        fault(
                                "{\"jobId\":\"j\",\"model\":\"m\",\"dataset\":{\"train\":\"/d\",\"validation\":\"file:///d\"}}"))
                .hasMessage(
                        "dataset.train: /d is not allowed; allowed: a URI beginning with file:, http:, https:, s3:");
        assertThat(fault("{" + REQUIRED.replace("}", ",\"classNames\":[\"a\",2]}") + "}"))
                .hasMessage("dataset.classNames[1]: 2 is not allowed; allowed: text");
    }

    @Test
    void idsAreFolderNames() {
        for (String id :
                new String[] {"", ".", "..", "a/b", "a b", "\u00e9", "x".repeat(101), ".tmp-a", "weights", "features"
                }) {
            assertThat(fault("{\"jobId\":\"" + id + "\"," + REQUIRED.substring(13) + "}"))
                    .hasMessageStartingWith("jobId: ");
        }
    }

    private static TrainingJob job(String fields) {
        return Json.read(("{" + REQUIRED + fields + "}").getBytes(UTF_8), TrainingJob.class);
    }

    private static FaultException fault(String json) {
        FaultException fault =
                catchThrowableOfType(FaultException.class, () -> Json.read(json.getBytes(UTF_8), TrainingJob.class));
        assertThat(fault.kind()).isEqualTo(ErrorKind.INVALID);
        return fault;
    }

    @Test
    void classFoldersSayHowManyClassesThereAre() {
        String head = "{\"jobId\":\"j\",\"model\":\"m\",\"dataset\":{\"train\":\"s3://b/train/\",";
        TrainingJob open = whole(head + "\"validationFraction\":0.2}}");
        assertThat(open.classes()).isZero();
        assertThat(open.withClasses(List.of("a", "b")).classNames()).containsExactly("a", "b");
        assertThat(open.withClasses(List.of("a", "b")).classes()).isEqualTo(2);
        assertThat(whole(head + "\"validation\":\"file:///v/\",\"classNames\":[\"x\",\"y\",\"z\"]}}")
                        .classes())
                .isEqualTo(3);
        assertThat(whole(head + "\"validation\":\"file:///v/\"},\"classes\":7}").classes())
                .isEqualTo(7);
        assertThatThrownBy(() -> open.withClasses(List.of("a"))).hasMessageContaining("classes: 1 is not allowed");
    }

    @Test
    void validationIsASetOrAFractionOfTraining() {
        String head = "{\"jobId\":\"j\",\"model\":\"m\",\"dataset\":{\"train\":\"file:///t\"";
        assertThat(whole(head + ",\"validationFraction\":0.9}}").dataset().validationFraction())
                .isEqualTo(0.9);
        assertThatThrownBy(() -> whole(head + "}}")).hasMessageContaining("dataset.validation: is missing, and must");
        assertThatThrownBy(() -> whole(head + ",\"validationFraction\":0.95}}"))
                .hasMessage("dataset.validationFraction: 0.95 is not allowed; allowed: 0.01 to 0.9");
        assertThatThrownBy(() -> whole(head + ",\"validationFraction\":0.5,\"validation\":\"file:///v\"}}"))
                .hasMessageContaining("either validation or validationFraction, not both");
    }

    private static TrainingJob whole(String json) {
        return Json.read(json.getBytes(UTF_8), TrainingJob.class);
    }
}

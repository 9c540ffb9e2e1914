package io.github.finetide.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What checkpoints promise in any store. */
abstract class CheckpointsContract {
    @TempDir
    Path cache;

    abstract Store store();

    /** Every key there is, unpublished ones included. */
    abstract List<String> everything();

    abstract void overwrite(String key, byte[] bytes);

    abstract byte[] bytes(String key);

    int damages() {
        return 60;
    }

    private Checkpoints checkpoints(String owner) {
        return new Checkpoints(store(), owner, new LocalCache(cache, LocalCache.DEFAULT_MAX_BYTES));
    }

    @Test
    void savedCheckpointIsFetchedWhole() throws IOException {
        Checkpoints checkpoints = checkpoints("a");
        Saved saved = checkpoints.save(Samples.manifest("job", 1), Samples.files(1));

        LocalCheckpoint fetched = checkpoints.fetch(URI.create(saved.uri() + "/"), saved.digest());

        assertThat(fetched.saved()).isEqualTo(saved);
        assertThat(fetched.manifest().history()).hasSize(1);
        assertThat(fetched.file(CheckpointManifest.MODEL)).hasBinaryContent(content(Samples.bytes(1, 5000)));
        assertThat(saved.sizeBytes()).isEqualTo(5000 + 9000 + 300 + bytes("job/epoch-0001/checkpoint.json").length);
        assertThat(everything())
                .containsExactly(
                        "job/epoch-0001/checkpoint.json",
                        "job/epoch-0001/golden.safetensors",
                        "job/epoch-0001/model.safetensors",
                        "job/epoch-0001/optimizer.safetensors");
    }

    @Test
    void sameCheckpointHasTheSameDigestWhoeverWritesIt() {
        Saved first = checkpoints("a").save(Samples.manifest("job", 1), Samples.files(1));
        checkpoints("b").delete(first.uri());
        Saved second = checkpoints("b").save(Samples.manifest("job", 1), Samples.files(1));
        assertThat(second).isEqualTo(first);
    }

    @Test
    void amendedCheckpointKeepsItsFilesAndHasAnotherDigest() {
        Checkpoints checkpoints = checkpoints("a");
        Saved saved = checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        Found found = checkpoints.find("job", 1).orElseThrow();
        Map<String, PrecisionScores> scores = Map.of("int8", new PrecisionScores(0.2, 1));
        Map<String, Content> files = Map.of(CheckpointManifest.CALIBRATION, Samples.bytes(5, 700));
        Saved amended;
        try (PreparedCheckpoint prepared =
                checkpoints.amend(found, found.manifest().withPrecisions(scores), files)) {
            assertThat(checkpoints("b").find("job", 1)).contains(found);
            prepared.publish();
            amended = prepared.saved();
        }

        LocalCheckpoint fetched = checkpoints("b").fetch(saved.uri(), amended.digest());
        assertThat(fetched.saved()).isEqualTo(amended);
        assertThat(amended.digest()).isNotEqualTo(saved.digest());
        assertThat(fetched.manifest().precisions()).isEqualTo(scores);
        assertThat(fetched.file(CheckpointManifest.MODEL)).hasBinaryContent(content(Samples.bytes(1, 5000)));
        assertThat(fetched.file(CheckpointManifest.CALIBRATION)).hasBinaryContent(content(Samples.bytes(5, 700)));
        assertThat(everything()).hasSize(5);
    }

    @Test
    void preparedCheckpointIsSeenByNobody() {
        try (PreparedCheckpoint prepared = checkpoints("a").prepare(Samples.manifest("job", 1), Samples.files(1))) {
            assertThat(checkpoints("b").newest("job").checkpoint()).isEmpty();
            assertThat(everything()).isNotEmpty();
            assertThat(prepared.saved().uri()).isEqualTo(store().uri("job/epoch-0001"));
        }
        assertThat(everything()).isEmpty();
    }

    @Test
    void failureWhileWritingLeavesNothing() {
        Map<String, Content> files = Map.of("a", Samples.bytes(1, 10), "b", file -> {
            throw new IOException("No space left on device");
        });
        assertThatThrownBy(() -> checkpoints("a").save(Samples.manifest("job", 1), files))
                .isInstanceOfSatisfying(
                        FaultException.class, fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.NO_SPACE))
                .hasMessageContaining("No space left on device");
        assertThat(everything()).isEmpty();
    }

    @Test
    void newestIsTheMostAdvancedInterimOnesIncluded() {
        Checkpoints checkpoints = checkpoints("a");
        checkpoints.save(Samples.manifest("job", 2), Samples.files(2));
        checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        assertThat(newestFolder(checkpoints)).endsWith("/job/epoch-0002");
        checkpoints.save(Samples.interim("job", 3, 100), Samples.files(3));
        checkpoints.save(Samples.interim("job", 3, 20), Samples.files(4));
        assertThat(newestFolder(checkpoints)).endsWith("/job/interim/epoch-0003-batch-000100");
        checkpoints.save(Samples.manifest("job", 3), Samples.files(5));
        assertThat(newestFolder(checkpoints)).endsWith("/job/epoch-0003");
        assertThat(checkpoints.newest("another").checkpoint()).isEmpty();
    }

    private static String newestFolder(Checkpoints checkpoints) {
        Newest newest = checkpoints.newest("job");
        assertThat(newest.damaged()).isEmpty();
        return newest.checkpoint().orElseThrow().saved().uri().toString();
    }

    @Test
    void damageOfAnyFileIsFoundAndTheCheckpointBeforeIsTaken() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Checkpoints checkpoints = checkpoints("a");
        checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        checkpoints.save(Samples.manifest("job", 2), Samples.files(2));
        for (int round = 0; round < damages(); round++) {
            List<String> keys = everything().stream()
                    .filter(key -> key.contains("epoch-0002"))
                    .toList();
            String key = keys.get(random.nextInt(keys.size()));
            byte[] before = bytes(key);
            overwrite(key, Damage.some(before, random));

            Newest newest = checkpoints.newest("job");

            assertThat(newest.checkpoint().orElseThrow().manifest().epoch())
                    .as("seed %d round %d %s", seed, round, key)
                    .isEqualTo(1);
            assertThat(newest.damaged()).singleElement().satisfies(damage -> {
                assertThat(damage.uri().toString()).endsWith("/job/epoch-0002");
                assertThat(damage.reason()).contains("epoch-0002");
            });
            URI damaged = store().uri("job/epoch-0002");
            if (!key.endsWith("checkpoint.json")) {
                assertThatThrownBy(() -> checkpoints.fetch(damaged, null)).isInstanceOf(FaultException.class);
            }
            overwrite(key, before);
        }
        assertThat(checkpoints
                        .newest("job")
                        .checkpoint()
                        .orElseThrow()
                        .manifest()
                        .epoch())
                .isEqualTo(2);
    }

    /** In a rolling upgrade: an older worker that took it for damaged would train what is trained, and replace it. */
    @Test
    void aCheckpointOfANewerVersionIsLeftToNewerWorkers() {
        Checkpoints checkpoints = checkpoints("a");
        checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        checkpoints.save(Samples.manifest("job", 2), Samples.files(2));
        String key = "job/epoch-0002/checkpoint.json";
        byte[] ours = bytes(key);
        for (String newer : List.of(
                new String(ours, UTF_8).replace("\"format\":1", "\"format\":2"),
                new String(ours, UTF_8).replace("\"epoch\":2,", "\"epoch\":2,\"newFeature\":true,"))) {
            String open = newer.substring(0, newer.indexOf(",\"checksum\""));
            String checksum = Sha256.hex((open + "}").getBytes(UTF_8));
            overwrite(key, (open + ",\"checksum\":\"" + checksum + "\"}").getBytes(UTF_8));

            for (ThrowingCallable use : List.<ThrowingCallable>of(
                    () -> checkpoints.newest("job"),
                    () -> checkpoints.save(Samples.manifest("job", 2), Samples.files(2)),
                    () -> checkpoints.fetch(store().uri("job/epoch-0002"), null))) {
                assertThatThrownBy(use)
                        .hasMessageContaining(key)
                        .hasMessageContaining("was written by a newer version of Finetide")
                        .hasMessageContaining("upgrade this worker")
                        .satisfies(
                                why -> assertThat(((FaultException) why).kind()).isEqualTo(ErrorKind.UNAVAILABLE));
            }
        }
    }

    @Test
    void aStoreThatIsThereAnswers() {
        assertThatCode(() -> store().probe()).doesNotThrowAnyException();
    }

    @Test
    void missingFileIsDamageToo() {
        Checkpoints checkpoints = checkpoints("a");
        checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        store().delete("job/epoch-0001/model.safetensors");
        Newest newest = checkpoints.newest("job");
        assertThat(newest.checkpoint()).isEmpty();
        assertThat(newest.damaged()).hasSize(1);
    }

    @Test
    void damagedCheckpointIsReplacedBySavingItAgain() {
        Checkpoints checkpoints = checkpoints("a");
        Saved saved = checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        overwrite("job/epoch-0001/model.safetensors", new byte[3]);
        assertThat(checkpoints.save(Samples.manifest("job", 1), Samples.files(1)))
                .isEqualTo(saved);
        assertThat(checkpoints.newest("job").damaged()).isEmpty();
        assertThat(everything()).hasSize(4);
    }

    @Test
    void ownersThatSaveTheSameEpochAtOnceLeaveOneWholeCheckpoint() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        CountDownLatch start = new CountDownLatch(1);
        try {
            List<Future<Saved>> saves = List.of("a", "b", "c").stream()
                    .map(owner -> threads.submit(() -> {
                        start.await();
                        return checkpoints(owner).save(Samples.manifest("job", 1), Samples.files(owner.hashCode()));
                    }))
                    .toList();
            start.countDown();
            for (Future<Saved> save : saves) {
                assertThat(save.get().uri()).isEqualTo(store().uri("job/epoch-0001"));
            }
        } finally {
            threads.shutdownNow();
        }
        assertSomebodysWholeCheckpoint();
    }

    /** Where folders cannot be renamed, owners that were not fenced may mix: then it must be seen as damaged. */
    void assertSomebodysWholeCheckpoint() {
        Newest newest = checkpoints("d").newest("job");
        assertThat(newest.damaged()).isEmpty();
        assertThat(newest.checkpoint()).isPresent();
        assertThat(everything()).hasSize(4);
    }

    @Test
    void keepsTheNewestAndTheBestAndDropsInterimOnesOfFinishedEpochs() {
        Checkpoints checkpoints = checkpoints("a");
        checkpoints.save(Samples.interim("job", 1, 5), Samples.files(0));
        for (int epoch = 1; epoch <= 5; epoch++) {
            checkpoints.save(Samples.manifest("job", epoch), Samples.files(epoch));
        }
        checkpoints.save(Samples.interim("job", 6, 7), Samples.files(6));

        checkpoints.unneeded("job", 2, 1, 5).forEach(checkpoints::delete);

        assertThat(checkpoints.list("job"))
                .extracting(uri -> uri.toString().replaceAll(".*/", ""))
                .containsExactly("epoch-0001", "epoch-0004", "epoch-0005");
        assertThat(newestFolder(checkpoints)).endsWith("/interim/epoch-0006-batch-000007");
        assertThat(everything()).hasSize(16);
    }

    @Test
    void whatALaterOwnerPublishedIsNotUnneeded() {
        Checkpoints checkpoints = checkpoints("a");
        for (int epoch = 1; epoch <= 5; epoch++) {
            checkpoints.save(Samples.manifest("job", epoch), Samples.files(epoch));
        }

        assertThat(checkpoints.unneeded("job", 1, 1, 3))
                .extracting(uri -> uri.toString().replaceAll(".*/", ""))
                .containsExactly("epoch-0002");
    }

    @Test
    void newOwnerRemovesWhatADeadOneLeft() {
        Staging left = store().stage("job", "dead");
        left.add("model.safetensors", Samples.bytes(1, 10));
        checkpoints("a").save(Samples.manifest("job", 1), Samples.files(1));
        assertThat(everything()).hasSize(5);
        checkpoints("a").deleteTemporaries("job", () -> {});
        assertThat(everything()).hasSize(4).noneMatch(Temporaries::isTemporary);
        assertThatThrownBy(() -> left.publish("job/epoch-0001")).isInstanceOf(FaultException.class);
        left.close();
    }

    @Test
    void anOwnerThatSleptOverItsEndDamagesNothingAndBringsNothingBack() {
        Staging asleep = store().stage("job", "asleep");
        asleep.add(CheckpointManifest.NAME, Samples.bytes(1, 10));
        checkpoints("a").deleteTemporaries("job", () -> {});
        checkpoints("a").save(Samples.manifest("job", 1), Samples.files(1));
        assertUnavailable(() -> asleep.publish("job/epoch-0001"));
        assertThat(newestFolder(checkpoints("a"))).endsWith("/job/epoch-0001");

        checkpoints("a").delete(store().uri("job/epoch-0001"));
        assertUnavailable(() -> asleep.publish("job/epoch-0001"));
        assertUnavailable(() -> asleep.publishFile(CheckpointManifest.NAME, "job/report.html"));
        asleep.close();
        assertThat(everything()).isEmpty();
    }

    @Test
    void anOwnerThatSleptBeforeItDeletesWhatIsLeftDeletesNothingOfTheNextOne() {
        Staging next = store().stage("job", "next");
        next.add(CheckpointManifest.NAME, Samples.bytes(1, 10));

        assertThatThrownBy(() -> checkpoints("a").deleteTemporaries("job", () -> {
                    throw new IllegalStateException("fenced");
                }))
                .hasMessage("fenced");

        next.publish("job/epoch-0001");
        next.close();
        assertThat(everything()).containsExactly("job/epoch-0001/" + CheckpointManifest.NAME);
    }

    private static void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FaultException.class, fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    }

    @Test
    void aReportOfAnOwnerThatLostItsJobDoesNotAppear() {
        checkpoints("a").putReport("job", "new", () -> {});
        assertThatThrownBy(() -> checkpoints("b").putReport("job", "old", () -> {
                    throw new IllegalStateException("fenced");
                }))
                .hasMessage("fenced");
        assertThat(bytes("job/report.html")).asString().isEqualTo("new");
        assertThat(everything()).containsExactly("job/report.html");
    }

    @Test
    void weightsAreStoredOnceAndFetchedVerified() throws IOException {
        Path file = Files.write(cache.resolve("some"), content(Samples.bytes(1, 1000)));
        String sha256 = Sha256.hex(Files.readAllBytes(file));
        checkpoints("a").putWeights("job", sha256, file);
        checkpoints("b").putWeights("job", sha256, file);
        assertThat(checkpoints("a").weights(sha256)).hasSameBinaryContentAs(file);
        assertThat(everything()).containsExactly("weights/" + sha256 + ".safetensors");

        Files.delete(checkpoints("a").weights(sha256));
        overwrite("weights/" + sha256 + ".safetensors", new byte[1000]);
        assertThatThrownBy(() -> checkpoints("a").weights(sha256)).hasMessageContaining("damaged");
        assertThatThrownBy(() -> checkpoints("a").putWeights("job", "0".repeat(64), file))
                .hasMessageContaining(sha256);
        assertThat(everything()).hasSize(1);
    }

    @Test
    void fetchTakesTheCacheWhereTheDigestIsKnown() {
        Checkpoints checkpoints = checkpoints("a");
        Saved saved = checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        checkpoints.fetch(saved.uri(), saved.digest());
        checkpoints.delete(saved.uri());
        assertThat(checkpoints.fetch(saved.uri(), saved.digest()).saved()).isEqualTo(saved);
        assertThatThrownBy(() -> checkpoints.fetch(saved.uri(), null))
                .isInstanceOfSatisfying(
                        FaultException.class, fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.NOT_FOUND));
    }

    @Test
    void damagedCacheEntryIsFetchedAgain() throws IOException {
        Checkpoints checkpoints = checkpoints("a");
        Saved saved = checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        Path model = checkpoints.fetch(saved.uri(), saved.digest()).file(CheckpointManifest.MODEL);
        Files.write(model, new byte[10]);
        assertThat(checkpoints.fetch(saved.uri(), saved.digest()).file(CheckpointManifest.MODEL))
                .hasBinaryContent(content(Samples.bytes(1, 5000)));
    }

    @Test
    void otherDigestThanAnnouncedIsRefused() {
        Saved saved = checkpoints("a").save(Samples.manifest("job", 1), Samples.files(1));
        assertThatThrownBy(() -> checkpoints("a").fetch(saved.uri(), "0".repeat(64)))
                .hasMessageContaining(saved.digest());
    }

    @Test
    void placesOutsideTheStoreAreRefused() {
        for (String uri : List.of("file:///etc", "s3://other/job/epoch-0001", "https://example.org/job", "job")) {
            assertThatThrownBy(() -> checkpoints("a").fetch(URI.create(uri), null))
                    .as(uri)
                    .isInstanceOfSatisfying(
                            FaultException.class,
                            fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.NOT_ALLOWED));
        }
        URI climbing = URI.create(store().uri("job") + "/../../../../../etc/passwd");
        assertThatThrownBy(() -> checkpoints("a").fetch(climbing, null)).isInstanceOf(FaultException.class);
    }

    @Test
    void reportIsReplaced() {
        checkpoints("a").putReport("job", "<p>one</p>", () -> {});
        URI report = checkpoints("a").putReport("job", "<p>två</p>", () -> {});
        assertThat(report).isEqualTo(store().uri("job/report.html"));
        assertThat(bytes("job/report.html")).asString().isEqualTo("<p>två</p>");
        assertThat(everything()).containsExactly("job/report.html");
    }

    @Test
    void jobNamedAsTheWeightsFolderIsRefused() {
        assertThatThrownBy(() -> checkpoints("a").save(Samples.manifest("weights", 1), Samples.files(1)))
                .hasMessageContaining("jobId");
    }

    static byte[] content(Content content) {
        try {
            Path file = Files.createTempFile("content", null);
            content.writeTo(file);
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }
}

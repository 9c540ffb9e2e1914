package io.github.finetide.inference.model;

import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.pipeline.BatchTimes;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.inference.pipeline.RequestInFlight;
import io.github.finetide.inference.requests.PublicationListener;
import io.github.finetide.inference.requests.RequestResult;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Precision;
import io.github.finetide.runtime.Background;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Stand-ins for what lies around the classes under test. */
public final class Fakes {
    public static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private Fakes() {}

    public static ModelRelease release(String model, String version) {
        return new ModelRelease(model, version, URI.create("file:///store/" + version), "0".repeat(64), NOW, null);
    }

    public static ClassificationRequest request(@Nullable String model, @Nullable String version) {
        return new ClassificationRequest("r1", URI.create("file:///images/a.png"), model, version, 5, null);
    }

    public static ConsumerRecord<byte[], byte[]> record(int partition, long offset) {
        return new ConsumerRecord<>("requests", partition, offset, new byte[] {1}, new byte[] {2, 3});
    }

    /** Writes down what was published. */
    public static final class Publications implements PublicationListener {
        public final List<String> events = new ArrayList<>();

        @Override
        public void published(RequestResult result) {
            events.add("published " + result.place().record().offset());
        }

        @Override
        public void givenUp(String topic, String reason) {
            events.add("given up " + topic + " " + reason);
        }
    }

    /** A request that counts as polled, and what becomes of it. */
    public static final class FakeRequest implements RequestInFlight {
        private final ClassificationRequest request;
        private final List<String> events;
        public boolean wanted = true;

        public FakeRequest(ClassificationRequest request, List<String> events) {
            this.request = request;
            this.events = events;
        }

        @Override
        public ClassificationRequest request() {
            return request;
        }

        @Override
        public Instant taken() {
            return NOW;
        }

        @Override
        public boolean isWanted() {
            return wanted;
        }

        @Override
        public double queueMillis() {
            return 0;
        }

        @Override
        public void classified(Prepared prepared, Output output, BatchTimes times) {
            events.add("classified " + request.requestId());
        }

        @Override
        public void rejected(PreparationTimings timings, FaultException why) {
            events.add(why.kind().wire() + " after " + timings.attempts());
        }

        @Override
        public void dropped() {
            events.add("dropped");
        }
    }

    /** Runs tasks when the test says so; time passes when the test says so. */
    public static final class ManualBackground implements Background {
        final Queue<Runnable> ready = new ArrayDeque<>();
        final Deque<Runnable> delayed = new ArrayDeque<>();
        public final List<Duration> pauses = new ArrayList<>();

        @Override
        public void execute(Runnable task) {
            ready.add(task);
        }

        @Override
        public void later(Duration pause, Runnable task) {
            pauses.add(pause);
            delayed.add(task);
        }

        @Override
        public void failed(Throwable why) {
            throw new AssertionError(why);
        }

        public void runReady() {
            while (!ready.isEmpty()) {
                ready.remove().run();
            }
        }

        /** Runs everything, pauses included, until nothing is left. */
        public void runAll() {
            runReady();
            while (!delayed.isEmpty()) {
                delayed.removeFirst().run();
                runReady();
            }
        }
    }

    /** A network of so many bytes; what it answers is the test's business. */
    public static class FakeBackbone implements Backbone {
        private final long bytes;

        public FakeBackbone(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public List<Output> classify(List<Question> questions) {
            return questions.stream().map(FakeBackbone::answer).toList();
        }

        /** A shadow says the opposite. */
        private static Output answer(Question question) {
            float[] shadow = question.shadow() == null ? null : new float[] {0.75f, 0.25f};
            return new Output(new float[] {0.25f, 0.75f}, null, null, shadow);
        }

        @Override
        public long bytes() {
            return bytes;
        }
    }

    /** Knows nothing but its name. */
    public static final class FakeModel implements LoadedModel {
        private final ModelInfo info;
        private final Backbone backbone;
        private final Head head = new Head();
        private final Runnable onClose;

        public FakeModel(ModelInfo info, Backbone backbone, Runnable onClose) {
            this.info = info;
            this.backbone = backbone;
            this.onClose = onClose;
        }

        @Override
        public ModelInfo info() {
            return info;
        }

        @Override
        public Backbone backbone() {
            return backbone;
        }

        @Override
        public Backbone.Head head() {
            return head;
        }

        @Override
        public long headBytes() {
            return 1;
        }

        @Override
        public void close() {
            onClose.run();
        }

        private static final class Head implements Backbone.Head {}
    }

    /** Loads what it is asked for; each model has its own backbone of 100 bytes unless one is shared. */
    public static final class FakeLoader implements ModelLoader {
        final List<String> loads = new ArrayList<>();
        final Set<String> inMemory = new LinkedHashSet<>();
        final Map<String, FaultException> faults = new HashMap<>();
        final Map<String, Error> errors = new HashMap<>();
        final Set<String> stored = new LinkedHashSet<>();
        public int imageSize = 2;
        public final Map<String, Backbone> shared = new HashMap<>();
        /** Models that the device has room for. */
        int room = Integer.MAX_VALUE;

        @Override
        public LoadedModel load(ModelRelease release) {
            loads.add(release.version());
            failIfAsked(release.version());
            FaultException fault = faults.get(release.version());
            if (fault != null) {
                throw fault;
            }
            if (inMemory.size() == room) {
                throw new FaultException(ErrorKind.OUT_OF_MEMORY, "CUDA out of memory");
            }
            inMemory.add(release.version());
            ModelInfo info =
                    new ModelInfo(release.model(), release.version(), List.of("a", "b"), imageSize, Precision.FP32);
            Backbone backbone = shared.getOrDefault(release.version(), new FakeBackbone(100));
            return new FakeModel(info, backbone, () -> inMemory.remove(release.version()));
        }

        @Override
        public Optional<ModelRelease> find(String model, String version) {
            failIfAsked(version);
            return stored.contains(version) ? Optional.of(release(model, version)) : Optional.empty();
        }

        private void failIfAsked(String version) {
            Error error = errors.get(version);
            if (error != null) {
                throw error;
            }
        }
    }

    /** Writes down what it receives. */
    public static final class RecordingListener implements CatalogListener {
        public final List<String> events = new ArrayList<>();
        final List<String> forgotten = new ArrayList<>();

        @Override
        public void loaded(ModelInfo info, Duration took) {
            events.add("loaded " + info.version());
        }

        @Override
        public void unloaded(ModelInfo info) {
            events.add("unloaded " + info.version());
        }

        @Override
        public void forgotten(ModelRelease release) {
            forgotten.add(release.version());
        }

        @Override
        public void swapped(ModelInfo info) {
            events.add("swapped " + info.version());
        }

        @Override
        public void refused(ModelRelease release, FaultException why) {
            events.add("refused " + release.version() + " " + why.kind().wire());
        }

        @Override
        public void postponed(ModelRelease release, FaultException why) {
            events.add("postponed " + release.version());
        }

        @Override
        public void withdrawn(String model) {
            events.add("withdrawn " + model);
        }
    }
}

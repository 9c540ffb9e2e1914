package io.github.finetide.inference.pipeline;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Collects items into batches of one key each (what one forward pass can take together). A batch is due when
 * it is full, when its first item has waited long enough, or when nothing is on its way that it could wait for; of
 * several that are due, the one whose first item is oldest.
 *
 * @param <K> what the items of a batch have in common
 * @param <T> the item
 */
public final class Batcher<K, T> {
    /** Some items that go through the network together. */
    record Batch<K, T>(K key, List<T> items) {}

    private record Waiting<T>(T item, long sinceNanos) {}

    private final int maxItems;
    private final long maxWaitNanos;
    private final LongSupplier clock;
    private final Map<K, Deque<Waiting<T>>> waitingByKey = new LinkedHashMap<>();
    private int expected;
    private boolean closed;

    /** Of an item that is on its way: to be filled, or closed if it does not come. */
    final class Place implements AutoCloseable {
        private boolean open = true;

        void fill(K key, T item) {
            synchronized (Batcher.this) {
                waitingByKey
                        .computeIfAbsent(key, unseen -> new ArrayDeque<>())
                        .add(new Waiting<>(item, clock.getAsLong()));
                leave();
            }
        }

        @Override
        public void close() {
            synchronized (Batcher.this) {
                leave();
            }
        }

        private void leave() {
            if (open) {
                open = false;
                expected--;
                Batcher.this.notifyAll();
            }
        }
    }

    /** @param clock as {@link System#nanoTime} */
    public Batcher(int maxItems, Duration maxWait, LongSupplier clock) {
        this.maxItems = maxItems;
        this.maxWaitNanos = maxWait.toNanos();
        this.clock = clock;
    }

    /** An item is on its way: others wait for it, though no longer than they would wait anyway. */
    synchronized Place expect() {
        expected++;
        return new Place();
    }

    void add(K key, T item) {
        expect().fill(key, item);
    }

    /** Waits for the next batch; nothing after {@link #close()}, once all that was added is taken. */
    synchronized Optional<Batch<K, T>> take() throws InterruptedException {
        while (true) {
            Optional<Batch<K, T>> due = poll();
            if (due.isPresent() || (closed && waitingByKey.isEmpty())) {
                return due;
            }
            waitFor(nanosUntilDue());
        }
    }

    /** The batch that is due now, if one is. */
    synchronized Optional<Batch<K, T>> poll() {
        K key = null;
        long oldest = 0;
        for (Map.Entry<K, Deque<Waiting<T>>> entry : waitingByKey.entrySet()) {
            long since = entry.getValue().getFirst().sinceNanos();
            if (isDue(entry.getValue()) && (key == null || since - oldest < 0)) {
                key = entry.getKey();
                oldest = since;
            }
        }
        return key == null ? Optional.empty() : Optional.of(new Batch<>(key, drain(key)));
    }

    /** No more is added; what waits is due at once. */
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private boolean isDue(Deque<Waiting<T>> waiting) {
        return closed
                || expected == 0
                || waiting.size() >= maxItems
                || clock.getAsLong() - waiting.getFirst().sinceNanos() >= maxWaitNanos;
    }

    private List<T> drain(K key) {
        Deque<Waiting<T>> waiting = waitingByKey.getOrDefault(key, new ArrayDeque<>());
        List<T> items = new ArrayList<>();
        while (items.size() < maxItems && !waiting.isEmpty()) {
            items.add(waiting.removeFirst().item());
        }
        if (waiting.isEmpty()) {
            waitingByKey.remove(key);
        }
        return items;
    }

    private long nanosUntilDue() {
        long now = clock.getAsLong();
        return waitingByKey.values().stream()
                .mapToLong(waiting -> maxWaitNanos - (now - waiting.getFirst().sinceNanos()))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    @SuppressWarnings("WaitNotInLoop") // take() is the loop
    private void waitFor(long nanos) throws InterruptedException {
        if (nanos == Long.MAX_VALUE) {
            wait();
        } else {
            long left = Math.max(1, nanos);
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }
}

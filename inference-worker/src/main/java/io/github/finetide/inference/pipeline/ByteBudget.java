package io.github.finetide.inference.pipeline;

import java.util.ArrayDeque;
import java.util.Queue;

/** Memory that several threads share: who asks for more than is left waits. First come, first served. */
final class ByteBudget {
    private final long limit;
    private final Queue<Thread> waiting = new ArrayDeque<>();
    private long used;

    ByteBudget(long limitBytes) {
        this.limit = limitBytes;
    }

    /** Waits for the bytes; one that is larger than the whole budget gets it all, alone. */
    synchronized void acquire(long bytes) throws InterruptedException {
        Thread self = Thread.currentThread();
        waiting.add(self);
        try {
            while (waiting.peek() != self || (used > 0 && used + bytes > limit)) {
                wait();
            }
            used += bytes;
        } finally {
            waiting.remove(self);
            notifyAll();
        }
    }

    synchronized void release(long bytes) {
        used -= bytes;
        notifyAll();
    }

    synchronized long used() {
        return used;
    }
}

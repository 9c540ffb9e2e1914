package io.github.finetide.inference;

/** Memory that several threads share: who asks for more than is left waits. */
final class ByteBudget {
    private final long limit;
    private long used;

    ByteBudget(long limitBytes) {
        this.limit = limitBytes;
    }

    /** Waits for the bytes; one that is larger than the whole budget gets it all, alone. */
    synchronized void acquire(long bytes) throws InterruptedException {
        while (used > 0 && used + bytes > limit) {
            wait();
        }
        used += bytes;
    }

    synchronized void release(long bytes) {
        used -= bytes;
        notifyAll();
    }

    synchronized long used() {
        return used;
    }
}

package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Chunks that make no pixels: text, profiles, the order of an animation. Pillow refuses a file whose chunks of this kind are
 * damaged in certain ways, and inflates none of them beyond a limit; so it is here.
 */
final class PngNeedless {
    private static final int MAX_TEXT = 1 << 20; // bytes of one inflated chunk: PngImagePlugin.MAX_TEXT_CHUNK
    private static final int MAX_TEXTS = 64 * MAX_TEXT; // of all: PngImagePlugin.MAX_TEXT_MEMORY

    /** Bytes below which Pillow refuses the file. */
    private static final Map<String, Integer> LEAST_BYTES =
            Map.of("gAMA", 4, "pHYs", 9, "sRGB", 1, "iCCP", 1, "acTL", 8, "fcTL", 26, "fdAT", 4);

    /** Of an animation, in pixels of the canvas. */
    record Frame(int left, int top, int width, int height) {}

    private final Bytes file;
    private final byte[] bytes;
    private @Nullable Frame frame;
    private long frames = -1; // as an animation says; -1 if it says nothing
    private long sequence = -1;
    private boolean besideAnimation;
    private int texts;

    PngNeedless(Bytes file, byte[] bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** @param pixels whether they are those of IDAT: without a frame's control before them they are no frame */
    void beginPixels(boolean pixels) {
        besideAnimation = pixels && frame == null && frames >= 0;
    }

    boolean isAnimated() {
        return Math.max(1, frames) + (besideAnimation ? 1 : 0) > 1;
    }

    Frame frame(PngLayout layout) {
        Frame whole = new Frame(0, 0, layout.width(), layout.height());
        Frame used = frame == null ? whole : frame;
        if (used.width < 1
                || used.height < 1
                || used.left + used.width > layout.width()
                || used.top + used.height > layout.height()) {
            throw Faults.undecodable("The PNG's first frame lies outside its canvas");
        }
        return used;
    }

    void check(String name, int from, int size, @Nullable PngLayout layout) {
        if (size < LEAST_BYTES.getOrDefault(name, 0)) {
            throw damaged(name);
        }
        switch (name) {
            case "cHRM" -> require(size % 4 == 0, name);
            case "tRNS" -> transparency(size, layout);
            case "iCCP" -> profile(from, from + size);
            case "tEXt" -> countText(size);
            case "zTXt" -> compressedText(from, from + size);
            case "iTXt" -> internationalText(from, from + size);
            case "acTL" -> animation(file.u32(from));
            case "fcTL" -> frameControl(from, layout);
            case "fdAT" -> {
                require(sequence >= 0, name);
                inSequence(from);
            }
            default -> {
                // any content will do
            }
        }
    }

    private static void transparency(int size, @Nullable PngLayout layout) {
        int least = layout == null ? 0 : layout.color() == 0 ? 2 : layout.color() == 2 ? 6 : 0;
        require(size >= least, "tRNS");
    }

    /** Name, zero, method, data; where no zero is, Pillow takes the last byte for it. */
    private void profile(int from, int end) {
        int zero = find(from, end);
        require(file.u8(zero < 0 ? end - 1 : zero) == 0, "iCCP");
        inflate(Math.min(end, zero < 0 ? from + 1 : zero + 2), end, "iCCP");
    }

    private void compressedText(int from, int end) {
        int zero = find(from, end);
        int value = zero < 0 ? end : zero + 1;
        require(value >= end || file.u8(value) == 0, "zTXt");
        countText(inflate(Math.min(end, value + 1), end, "zTXt"));
    }

    private void internationalText(int from, int end) {
        int zero = find(from, end);
        if (zero < 0 || end - zero - 1 < 2) {
            return;
        }
        int language = find(zero + 3, end);
        int keyword = language < 0 ? -1 : find(language + 1, end);
        if (keyword < 0) {
            return;
        }
        boolean compressed = file.u8(zero + 1) != 0;
        if (!compressed) {
            countText(end - keyword - 1);
        } else if (file.u8(zero + 2) == 0) {
            countText(inflate(keyword + 1, end, "iTXt"));
        }
    }

    private int find(int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    /** Returns how many bytes come out; damage is nobody's business. */
    private int inflate(int from, int end, String name) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(bytes, from, end - from);
            byte[] text = new byte[8192];
            int total = 0;
            int count = 1;
            while (count > 0 && total < MAX_TEXT) {
                count = inflater.inflate(text, 0, Math.min(text.length, MAX_TEXT - total));
                total += count;
            }
            require(total < MAX_TEXT || inflater.finished() || inflater.getRemaining() == 0, name);
            return total;
        } catch (DataFormatException e) {
            return 0;
        } finally {
            inflater.end();
        }
    }

    private void countText(int size) {
        texts += size;
        require(texts <= MAX_TEXTS, "text");
    }

    private void animation(long count) {
        boolean once = frames < 0 && count > 0 && count <= 1L << 31;
        if (once || frames >= 0) {
            frames = once ? count : -1;
        }
    }

    private void frameControl(int from, @Nullable PngLayout layout) {
        inSequence(from);
        long width = file.u32(from + 4);
        long height = file.u32(from + 8);
        long left = file.u32(from + 12);
        long top = file.u32(from + 16);
        require(left + width <= (layout == null ? 0 : layout.width()), "fcTL");
        require(top + height <= (layout == null ? 0 : layout.height()), "fcTL");
        frame = new Frame((int) left, (int) top, (int) width, (int) height);
    }

    private void inSequence(int from) {
        long number = file.u32(from);
        require(number == sequence + 1, "animation's sequence");
        sequence = number;
    }

    private static void require(boolean holds, String name) {
        if (!holds) {
            throw damaged(name);
        }
    }

    private static FaultException damaged(String name) {
        return Faults.undecodable("The PNG is damaged: its " + name + " chunk is not as it must be");
    }
}

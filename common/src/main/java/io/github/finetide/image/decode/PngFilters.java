package io.github.finetide.image.decode;

import io.github.finetide.message.Faults;

/** PNG's five filters, undone in place. */
final class PngFilters {
    private PngFilters() {}

    /**
     * @param row the filter's number, then the filtered bytes
     * @param above the row above, unfiltered; zeros above the first
     * @param distance of the byte to the left that predicts one
     */
    static void undo(byte[] row, byte[] above, int bytes, int distance) {
        switch (row[0]) {
            case 0 -> {}
            case 1 -> left(row, bytes, distance);
            case 2 -> up(row, above, bytes);
            case 3 -> average(row, above, bytes, distance);
            case 4 -> paeth(row, above, bytes, distance);
            default -> throw Faults.undecodable("The PNG is damaged: a row has filter " + (row[0] & 0xff));
        }
    }

    private static void left(byte[] row, int bytes, int distance) {
        for (int i = 1 + distance; i <= bytes; i++) {
            row[i] += row[i - distance];
        }
    }

    private static void up(byte[] row, byte[] above, int bytes) {
        for (int i = 1; i <= bytes; i++) {
            row[i] += above[i];
        }
    }

    private static void average(byte[] row, byte[] above, int bytes, int distance) {
        for (int i = 1; i <= bytes; i++) {
            int left = i > distance ? row[i - distance] & 0xff : 0;
            row[i] += (byte) ((left + (above[i] & 0xff)) / 2);
        }
    }

    private static void paeth(byte[] row, byte[] above, int bytes, int distance) {
        for (int i = 1; i <= Math.min(distance, bytes); i++) {
            row[i] += above[i];
        }
        for (int i = 1 + distance; i <= bytes; i++) {
            row[i] += nearest(row[i - distance] & 0xff, above[i] & 0xff, above[i - distance] & 0xff);
        }
    }

    private static byte nearest(int left, int up, int corner) {
        int toLeft = Math.abs(up - corner);
        int toUp = Math.abs(left - corner);
        int toCorner = Math.abs(left + up - 2 * corner);
        if (toLeft <= toUp && toLeft <= toCorner) {
            return (byte) left;
        }
        return (byte) (toUp <= toCorner ? up : corner);
    }
}

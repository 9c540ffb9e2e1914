package io.github.finetide.network;

import io.github.finetide.message.Precision;

/** Prints for each precision whether its fast page computes here what the plain one does: run in a process of its own. */
final class PagesTried {
    private PagesTried() {}

    public static void main(String[] arguments) {
        for (Precision precision : Precision.values()) {
            boolean right = FastPages.succeeds(precision, Pages.fast(FastPages.BLOCKS, precision));
            System.out.println(precision + " " + (right ? "right" : "refused"));
        }
    }
}

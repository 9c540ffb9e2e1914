package io.github.finetide.deploy.dataset;

import java.util.List;

/** MXNet's and SageMaker's lists: {@code index TAB label TAB path}; labels are numbers, written whole or as 3.000000. */
final class ListSource {
    private ListSource() {}

    static LabelledImages read(String name, String text) {
        LabelledImages images = new LabelledImages();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                line(lines.get(i).split("\t", -1), name + " line " + (i + 1), images);
            }
        }
        return images;
    }

    private static void line(String[] fields, String place, LabelledImages images) {
        if (fields.length != 3) {
            images.leaveOut(
                    place, fields.length > 3 ? "more than one label" : "not index, label and path between tabs");
            return;
        }
        try {
            double label = Double.parseDouble(fields[1].strip());
            if (label < 0 || label != Math.rint(label)) {
                throw new NumberFormatException();
            }
            images.add(fields[2], Long.toString((long) label), place);
        } catch (NumberFormatException e) {
            images.leaveOut(place, "label " + fields[1].strip() + " is no whole number");
        }
    }
}

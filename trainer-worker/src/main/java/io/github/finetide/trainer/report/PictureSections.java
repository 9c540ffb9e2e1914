package io.github.finetide.trainer.report;

import io.github.finetide.trainer.report.ReportPictures.OfClass;
import io.github.finetide.trainer.report.ReportPictures.Picture;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parts of a report that show images. */
final class PictureSections {
    private PictureSections() {}

    static String html(ReportPictures pictures) {
        return section(
                        "Training images",
                        "Some of them as the network sees them in the first epoch, after augmentation, with their labels.",
                        pictures.training())
                + section(
                        "Largest losses",
                        "The validation images that the released model finds hardest: the label first, then what was"
                                + " predicted. A wrong label often stands here. Below each, in red, where the network saw"
                                + " what it predicted (class activation map).",
                        pictures.worst())
                + classes(pictures);
    }

    private static String section(String title, String text, List<Picture> pictures) {
        if (pictures.isEmpty()) {
            return "";
        }
        StringBuilder html =
                new StringBuilder("<h2>" + title + "</h2>\n<p>" + text + "</p>\n<div class=\"pictures\">\n");
        pictures.forEach(picture -> html.append(figure(picture)));
        return html.append("</div>\n").toString();
    }

    private static String classes(ReportPictures pictures) {
        if (pictures.classes().isEmpty()) {
            return "";
        }
        String left = pictures.classesLeftOut() == 0
                ? ""
                : " " + pictures.classesLeftOut() + " classes are left out, to keep the page small.";
        StringBuilder html =
                new StringBuilder("<h2>Most certain, class by class</h2>\n<p>Of each class the validation image"
                        + " that was recognised with the most certainty, and the one that was taken for another." + left
                        + "</p>\n<div class=\"pairs\">\n");
        for (OfClass one : pictures.classes()) {
            html.append("<div class=\"pair\"><b>")
                    .append(Html.escape(one.name()))
                    .append("</b>\n<div>")
                    .append(figure(one.right(), "none right"))
                    .append(figure(one.wrong(), "none wrong"))
                    .append("</div></div>\n");
        }
        return html.append("</div>\n").toString();
    }

    /** A picture, or words in its place; nothing where both are missing. */
    static String figure(@Nullable Picture picture, String otherwise) {
        if (picture == null && otherwise.isEmpty()) {
            return "";
        }
        return picture == null
                ? "<figure class=\"picture none\"><figcaption>" + otherwise + "</figcaption></figure>"
                : figure(picture);
    }

    private static String figure(Picture picture) {
        String note = picture.note().isEmpty() ? "" : "<br/><small>" + Html.escape(picture.note()) + "</small>";
        String overlay = picture.overlay();
        return "<figure class=\"picture\">" + image(picture.caption(), picture.jpeg())
                + (overlay == null ? "" : image("where the network looked", overlay)) + "<figcaption>"
                + Html.escape(picture.caption()) + note + "</figcaption></figure>\n";
    }

    private static String image(String alt, String jpeg) {
        return "<img alt=\"" + Html.escape(alt) + "\" src=\"data:image/jpeg;base64," + jpeg + "\"/>";
    }
}

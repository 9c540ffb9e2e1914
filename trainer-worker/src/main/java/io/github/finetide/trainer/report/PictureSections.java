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
                                + " predicted. A wrong label often stands here.",
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

    private static String figure(@Nullable Picture picture, String otherwise) {
        return picture == null
                ? "<figure class=\"picture none\"><figcaption>" + otherwise + "</figcaption></figure>"
                : figure(picture);
    }

    private static String figure(Picture picture) {
        String note = picture.note().isEmpty() ? "" : "<br/><small>" + Html.escape(picture.note()) + "</small>";
        return "<figure class=\"picture\"><img alt=\"" + Html.escape(picture.caption())
                + "\" src=\"data:image/jpeg;base64," + picture.jpeg() + "\"/><figcaption>"
                + Html.escape(picture.caption()) + note + "</figcaption></figure>\n";
    }
}

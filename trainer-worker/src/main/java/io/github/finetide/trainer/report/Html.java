package io.github.finetide.trainer.report;

/** Text on its way into a page. */
final class Html {
    private Html() {}

    static String escape(Object text) {
        return String.valueOf(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** A table row of header or data cells; the first is text, the rest are numbers. */
    static String row(String cell, Object... cells) {
        StringBuilder row = new StringBuilder("<tr>");
        for (int column = 0; column < cells.length; column++) {
            String kind = column == 0 ? "" : " class=\"number\"";
            row.append("<").append(cell).append(kind).append(">").append(escape(cells[column]));
            row.append("</").append(cell).append(">");
        }
        return row.append("</tr>\n").toString();
    }
}

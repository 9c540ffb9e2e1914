package io.github.finetide.deploy.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.deploy.CommandFailure;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Label Studio's export of an image classification: JSON (tasks with annotations) or JSON-MIN. An image is labelled where
 * its annotations that were not cancelled agree on one choice.
 */
final class LabelStudioSource {
    /** Local storage, and uploads, of which the export names the copy that Label Studio keeps. */
    private static final Pattern LOCAL = Pattern.compile("/data/local-files/\\?d=(.*)");

    private static final Pattern UPLOAD = Pattern.compile("/data/upload/(?:\\d+/)?(.*)");

    private LabelStudioSource() {}

    static LabelledImages read(String name, String text) {
        JsonNode tasks = tree(name, text);
        if (!tasks.isArray()) {
            throw new CommandFailure(name + " is no list of tasks, as Label Studio exports it (JSON or JSON-MIN)");
        }
        LabelledImages images = new LabelledImages();
        for (int i = 0; i < tasks.size(); i++) {
            JsonNode task = tasks.path(i);
            String place = name + " task " + task.path("id").asText(String.valueOf(i + 1));
            task(task, place, images);
        }
        return images;
    }

    private static void task(JsonNode task, String place, LabelledImages images) {
        String image = image(task.path("data").isObject() ? task.path("data") : task);
        Set<String> choices = choices(task);
        if (image.isEmpty()) {
            images.leaveOut(place, "no image");
        } else if (choices.size() == 1) {
            images.add(image, choices.iterator().next(), place);
        } else {
            String reason = choices.isEmpty() ? "not labelled" : "more than one label: " + String.join(", ", choices);
            images.leaveOut(place + ": " + image, reason);
        }
    }

    private static Set<String> choices(JsonNode task) {
        Set<String> choices = new TreeSet<>();
        for (JsonNode annotation :
                task.path("annotations").isArray() ? task.path("annotations") : task.path("completions")) {
            if (!annotation.path("was_cancelled").asBoolean()) {
                annotation
                        .path("result")
                        .forEach(result ->
                                result.path("value").path("choices").forEach(choice -> choices.add(choice.asText())));
            }
        }
        JsonNode short_ = task.path("choice"); // JSON-MIN
        if (short_.isTextual()) {
            choices.add(short_.asText());
        }
        short_.path("choices").forEach(choice -> choices.add(choice.asText()));
        return choices;
    }

    /** The field called image, else the first that looks like one. */
    private static String image(JsonNode data) {
        if (data.path("image").isTextual()) {
            return path(data.path("image").asText());
        }
        for (JsonNode value : data) {
            if (value.isTextual() && value.asText().matches("(?i).*(\\.(jpe?g|png|bmp|gif|tiff?|webp)|/data/.*)")) {
                return path(value.asText());
            }
        }
        return "";
    }

    private static String path(String image) {
        Matcher local = LOCAL.matcher(image);
        if (local.matches()) {
            return URLDecoder.decode(local.group(1), StandardCharsets.UTF_8);
        }
        Matcher upload = UPLOAD.matcher(image);
        return upload.matches() ? URLDecoder.decode(upload.group(1), StandardCharsets.UTF_8) : image;
    }

    private static JsonNode tree(String name, String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new CommandFailure(name + " is no JSON: " + e.getOriginalMessage());
        }
    }
}

package io.github.finetide.options;

/** How log lines are written. */
public enum LogFormat {
    TEXT,
    JSON
}

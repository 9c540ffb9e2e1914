package io.github.finetide.runtime;

/** How log lines are written. */
public enum LogFormat {
    TEXT,
    JSON
}

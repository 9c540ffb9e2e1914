package io.github.finetide.deploy.bench;

/** A program that is measured. It measures itself, so that talking to it costs nothing. */
interface Contestant extends AutoCloseable {
    /** Has it do something and waits; the answer's numbers are what the command asks for. */
    Answer ask(String... command);

    @Override
    void close();
}

package io.github.finetide.deploy.bench;

/** A contestant that others use, too: whoever borrowed it does not end it. */
record LentContestant(Contestant lender) implements Contestant {
    @Override
    public Answer ask(String... command) {
        return lender.ask(command);
    }

    @Override
    public void close() {
        // Its owner does.
    }
}

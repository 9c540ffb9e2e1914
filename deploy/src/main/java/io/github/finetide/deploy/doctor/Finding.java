package io.github.finetide.deploy.doctor;

/**
 * One thing about this machine.
 *
 * @param subject what was looked at
 * @param found what there is
 * @param advice what would make it better; empty where nothing is to be done
 * @param isObstacle whether no worker runs here before that
 */
record Finding(String subject, String found, String advice, boolean isObstacle) {
    static Finding good(String subject, String found) {
        return new Finding(subject, found, "", false);
    }

    static Finding advised(String subject, String found, String advice) {
        return new Finding(subject, found, advice, false);
    }

    static Finding obstacle(String subject, String found, String advice) {
        return new Finding(subject, found, advice, true);
    }
}

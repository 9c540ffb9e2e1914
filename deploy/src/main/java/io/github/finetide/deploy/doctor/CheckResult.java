package io.github.finetide.deploy.doctor;

/**
 * One thing about this machine.
 *
 * @param subject what was looked at
 * @param found what there is
 * @param advice what would make it better; empty where nothing is to be done
 * @param isObstacle whether no worker runs here before that
 */
record CheckResult(String subject, String found, String advice, boolean isObstacle) {
    static CheckResult good(String subject, String found) {
        return new CheckResult(subject, found, "", false);
    }

    static CheckResult advised(String subject, String found, String advice) {
        return new CheckResult(subject, found, advice, false);
    }

    static CheckResult obstacle(String subject, String found, String advice) {
        return new CheckResult(subject, found, advice, true);
    }
}

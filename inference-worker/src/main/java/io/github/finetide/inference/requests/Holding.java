package io.github.finetide.inference.requests;

/**
 * Who holds a partition, and how those before ended. It travels in the metadata of the committed offset: a request that
 * kills the process leaves no other trace.
 *
 * <p>See RATIONALE.md, What if a request ends the process?
 *
 * @param owner empty once it was given back in good order
 * @param deaths owners in a row that did not give it back
 * @param alone offset of the one request that the owner had in flight, -1 where there were several or none
 * @param deathsAlone owners that ended with that one
 */
record Holding(String owner, int deaths, long alone, int deathsAlone) {
    static final Holding NONE = new Holding("", 0, -1, 0);

    /** A machine may fail twice in a row; from here on requests go one by one, so that the culprit is known. */
    static final int CAREFUL_AFTER = 3;

    /** With this many more, each with this request alone, it is answered without being tried again. */
    static final int DEATHS_ALONE = 2;

    /** Of all owners that a request can end. */
    static final int MOST_DEATHS = CAREFUL_AFTER + DEATHS_ALONE;

    static final String MARK = "held:";

    /** Another owner takes it. */
    Holding takenBy(String newOwner) {
        if (owner.isEmpty() || owner.equals(newOwner)) {
            return new Holding(newOwner, deaths, alone, deathsAlone);
        }
        return new Holding(newOwner, deaths + 1, alone, alone < 0 ? 0 : deathsAlone + 1);
    }

    Holding givenBack() {
        return new Holding("", deaths, alone, deathsAlone);
    }

    Holding trying(long offset) {
        return offset == alone ? this : new Holding(owner, deaths, offset, 0);
    }

    Holding answered() {
        return new Holding(owner, deaths, -1, 0);
    }

    Holding harmless() {
        return new Holding(owner, 0, -1, 0);
    }

    boolean isCareful() {
        return deaths >= CAREFUL_AFTER;
    }

    boolean isDeadly(long offset) {
        return offset == alone && deathsAlone >= DEATHS_ALONE;
    }

    /** Empty where there is nothing to remember. */
    String encoded() {
        return equals(NONE) ? "" : MARK + owner + "," + deaths + "," + alone + "," + deathsAlone;
    }

    /** Of another program's text, nothing is understood. */
    static Holding decoded(String text) {
        String[] fields = text.substring(MARK.length()).split(",", -1);
        try {
            return new Holding(
                    fields[0], Integer.parseInt(fields[1]), Long.parseLong(fields[2]), Integer.parseInt(fields[3]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException notOurs) {
            return NONE;
        }
    }
}

"""Prepared: a dry run has read every record and found each to fit the wanted data version.

It runs twice: on the first replaced member, so that a bad record stops the roll before the master is touched, and on
the master after the roll, whose verdict is the gate of the target.
"""

from controllers.api import Reason
from controllers.decide.observation import Member, Prepared
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict


def prepared(seen: Seen) -> Verdict:
    """Open when there is nothing to migrate, or before a member of the wanted release exists to be asked."""
    master = seen.master
    if not seen.adopted or (master is not None and master.data is not None and master.data.current == seen.goal):
        return Open("the data is at the wanted version")
    if master is None or master.data is None:
        return Unknown(Reason.NO_MASTER, "no master tells the stored data version")
    whom = examiner(seen)
    if whom is None:
        alone = len(seen.wanted.of("bbs")) == 1
        return Open("with one BBS member records are examined only after it is replaced" if alone else "")
    return _verdict_of(seen, whom)


def examiner(seen: Seen) -> Member | None:
    """Whose verdict counts now: the master's once it is new and all are, else the first replaced member's."""
    if seen.going_down or seen.bbs_current:
        return seen.master
    ready = [m for m in seen.at_wanted if m.state in ("Following", "Serving")]
    return next((m for m in ready if m.prepared and m.prepared.version == seen.goal), ready[0] if ready else None)


def asked(seen: Seen, whom: Member) -> bool:
    """Whether this process asked for this dry run of this member in this role and epoch.

    A master's verdict from its time as a standby is too old to open the gate of the target.
    """
    return (whom.uid, whom.role, whom.epoch, seen.goal or 0) in seen.world.prepare_asked


def _verdict_of(seen: Seen, whom: Member) -> Verdict:
    verdict = whom.prepared
    if verdict is None or verdict.version != seen.goal or not asked(seen, whom):
        return Closed(Reason.PREPARING, f"{whom.pod} has no verdict on {seen.goal} yet", "a clean dry run")
    if not verdict.ok:
        found = f"{whom.pod} found {verdict.first_bad_key}: {verdict.first_bad_reason}"
        reason = Reason.RECORDS_WOULD_LOSE if verdict.refuses_a_loss else Reason.RECORD_UNREADABLE
        return Closed(reason, _with_losses(found, verdict), f"every record fits {seen.goal}")
    return Open(_with_losses(f"{verdict.count} records fit {seen.goal}", verdict))


def _with_losses(words: str, verdict: Prepared) -> str:
    return f"{words}; the migration {verdict.dropped}" if verdict.dropped else words

"""Prepared: a dry run has read every record and found each to fit the wanted data version.

It runs twice: on the first replaced member, so that a bad record stops the roll before the master is touched, and on
the master after the roll, whose verdict is the gate of the target. On the way down it is asked of the master before
anything is replaced. What would be dropped needs a person's consent to exactly these kinds of loss.
"""

from dataclasses import replace
from hashlib import sha256

from controllers.api import Reason
from controllers.decide.keys import IN_THE_CLEAR
from controllers.decide.observation import Member, Prepared
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict
from controllers.decide.wanted import ACCEPT_LOSSES

UNSEALED = "encryption at rest"
"""A loss of the whole store, which no record knows of."""


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
    verdict = said_by(seen, whom)
    if verdict is None or verdict.version != seen.goal or not asked(seen, whom):
        return Closed(Reason.PREPARING, f"{whom.pod} has no verdict on {seen.goal} yet", "a clean dry run")
    if not verdict.ok:
        found = f"{whom.pod} found {verdict.first_bad_key}: {verdict.first_bad_reason}"
        reason = Reason.RECORDS_WOULD_LOSE if verdict.refuses_a_loss else Reason.RECORD_UNREADABLE
        return Closed(reason, _with_losses(found, verdict), f"every record fits {seen.goal}")
    if unaccepted(seen, verdict):
        said = f"{whom.pod} read {verdict.count} records; the migration to {verdict.version} {verdict.dropped}"
        return Closed(Reason.LOSSES_NEED_CONSENT, said, "consent to lose that", _ask_for_consent(verdict))
    return Open(_with_losses(f"{verdict.count} records fit {seen.goal}", verdict))


def stands(seen: Seen, whom: Member) -> bool:
    """Whether a dry run need not be asked for again: whatever it complains of may be mended meanwhile."""
    verdict = said_by(seen, whom)
    return verdict is not None and verdict.ok and not unaccepted(seen, verdict)


def said_by(seen: Seen, whom: Member) -> Prepared | None:
    """Its verdict, with what the store as a whole would lose."""
    verdict, master = whom.prepared, seen.master
    if verdict is None or verdict.version != IN_THE_CLEAR or master is None or not master.key_active:
        return verdict
    return replace(verdict, losses={**verdict.losses, UNSEALED: verdict.count})


def unaccepted(seen: Seen, verdict: Prepared) -> bool:
    """Something would be dropped, and nobody has consented to exactly these kinds of loss."""
    return bool(verdict.losses) and seen.wanted.accepted_losses != losses_mark(verdict)


def losses_mark(verdict: Prepared) -> str:
    """What the annotation must hold: it stands for the version and the kinds of loss, not for how many records."""
    kinds = "\n".join(sorted(verdict.losses))
    return f"{verdict.version}-{sha256(kinds.encode()).hexdigest()[:8]}"


def _ask_for_consent(verdict: Prepared) -> str:
    annotate = f"annotate the Diego with {ACCEPT_LOSSES}={losses_mark(verdict)}"
    return f"{annotate}, or change the records so that they do without, or choose another target"


def _with_losses(words: str, verdict: Prepared) -> str:
    return f"{words}; the migration {verdict.dropped}" if verdict.dropped else words

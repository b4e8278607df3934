"""KeyringDistributed: every member can read what any member writes, with all the keys that the spec names."""

from controllers.api import Reason
from controllers.decide import keys
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict

RESTORE = "restore the keyring Secret from a backup; without it the stored records are unreadable"


def keyring_distributed(seen: Seen) -> Verdict:
    """Seen at the members, not concluded from the Secret. A lost keyring is never replaced by a fresh one."""
    return _refused(seen) or _lost(seen) or _spreading(seen) or _answered(seen)


def _refused(seen: Seen) -> Closed | None:
    if labels := keys.changed(seen):
        words = f"the Secret named for {', '.join(labels)} holds other bytes than that label stands for"
        return Closed(Reason.KEY_MATERIAL_CHANGED, words, "the bytes that the label has had so far")
    if troubles := keys.out_of_reach(seen):
        return Closed(Reason.SECRET_MISSING, "; ".join(troubles), "every key that spec.encryption.keys names")
    return None


def _lost(seen: Seen) -> Verdict | None:
    if not keys.held(seen):
        if seen.adopted and not seen.wanted.keys:
            return Closed(Reason.KEY_UNKNOWN, "no keyring Secret", "the keys of the stored records", RESTORE)
        return Unknown(Reason.KEYRING_SPREADING, "the keyring is not made yet")
    if labels := keys.unknown(seen):
        words = f"records bear {', '.join(labels)}, which the keyring does not hold"
        return Closed(Reason.KEY_UNKNOWN, words, "the keys of the stored records")
    return None


def _spreading(seen: Seen) -> Closed | None:
    if labels := keys.absent(seen):
        return Closed(Reason.KEYRING_SPREADING, f"{', '.join(labels)} not in the keyring yet", "every key in it")
    labels = keys.held(seen)
    without = sorted(m.pod for m in seen.world.members.values() if not set(labels) <= set(m.keys_loaded))
    if without:
        return Closed(
            Reason.KEYRING_SPREADING, f"{', '.join(without)} lack a key", f"labels {', '.join(labels)} loaded"
        )
    return None


def _answered(seen: Seen) -> Verdict:
    if seen.bbs and seen.adopted and not seen.world.members:
        return Unknown(Reason.BBS_UNREACHABLE, "no BBS member answers")
    return Open()

"""KeyringDistributed: every member can read what any member writes."""

from controllers.api import Reason
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Open, Unknown, Verdict


def keyring_distributed(seen: Seen) -> Verdict:
    """Seen at the members, not concluded from the Secret. A lost keyring is never replaced by a fresh one."""
    labels = seen.world.keyring
    if not labels:
        if seen.adopted:
            remedy = "restore the keyring Secret from a backup; without it the stored records are unreadable"
            return Closed(Reason.KEY_UNKNOWN, "no keyring Secret", "the keys of the stored records", remedy)
        return Unknown(Reason.KEYRING_SPREADING, "the keyring is not made yet")
    without = sorted(m.pod for m in seen.world.members.values() if not set(labels) <= set(m.keys_loaded))
    if without:
        wanted = f"labels {', '.join(sorted(labels))} loaded"
        return Closed(Reason.KEYRING_SPREADING, f"{', '.join(without)} lack a key", wanted)
    if seen.bbs and seen.adopted and not seen.world.members:
        return Unknown(Reason.BBS_UNREACHABLE, "no BBS member answers")
    return Open()

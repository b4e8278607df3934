"""What is said of keys: the conditions EncryptionCurrent and OldKeysRemovable, and `status.encryption`."""

from typing import Any

from controllers.api import ConditionType, Reason
from controllers.decide import keys
from controllers.decide.finding import Finding
from controllers.decide.observation import Member
from controllers.decide.seen import Seen
from controllers.decide.verdict import Closed, Verdict

KEYS_SHOWN = 32


def encryption_findings(seen: Seen, distributed: Verdict) -> tuple[Finding, Finding]:
    """`distributed`: the verdict of the gate KeyringDistributed."""
    kinds = ConditionType.ENCRYPTION_CURRENT, ConditionType.OLD_KEYS_REMOVABLE
    master = seen.master
    if master is None:
        current, old = (Finding(k, "Unknown", Reason.NO_MASTER, "no master tells the keys", "one") for k in kinds)
        return current, old
    if keys.in_the_clear(master):
        words = f"data version {keys.IN_THE_CLEAR} holds no sealed records", "a later data version"
        current, old = (Finding(k, "False", Reason.NOT_ENCRYPTED, *words) for k in kinds)
        return current, old
    return _current(seen, master, distributed), _removable(seen, master)


def encryption_status(seen: Seen) -> dict[str, Any] | None:
    """None before there is a keyring."""
    labels = keys.held(seen)
    if not labels:
        return None
    master = seen.master
    return {
        "activeKey": (master.key_active if master else "") or keys.wanted_active(seen) or None,
        "storedKey": (master.key_stored or None) if master else None,
        "distributed": sum(1 for one in seen.world.members.values() if set(labels) <= set(one.keys_loaded)),
        "keys": [_key(seen, master, label) for label in labels[:KEYS_SHOWN]],
    }


def _key(seen: Seen, master: Member | None, label: str) -> dict[str, Any]:
    records = _records(master, label) if master else None
    state: str | None = "Unused" if records == 0 else "InUse" if records else None
    if master is not None and master.key_active == label:
        state = "Active"
    elif label in keys.dropped(seen):
        state = "Dropped"
    return {"name": label, "state": state, "records": records}


def _records(master: Member, label: str) -> int | None:
    """How many records bear the key; None while nobody has counted."""
    return master.key_counts.get(label, 0) if master.key_counts else None


def _current(seen: Seen, master: Member, distributed: Verdict) -> Finding:
    kind, label = ConditionType.ENCRYPTION_CURRENT, keys.wanted_active(seen)
    wanted = f"every record sealed with {label or 'a generated key'}"
    if isinstance(distributed, Closed):
        return Finding(kind, "False", distributed.reason, distributed.seen, wanted, distributed.remedy)
    if master.key_active != label or not label:
        return Finding(kind, "False", Reason.KEYRING_SPREADING, f"{master.key_active or 'no key'} is active", wanted)
    if master.key_stored == label:
        return Finding(kind, "True", Reason.ALL_ON_ACTIVE_KEY, f"every record is sealed with {label}", "no change")
    return Finding(kind, "False", Reason.ROTATING, _progress(master, label), wanted)


def _progress(master: Member, label: str) -> str:
    if not master.key_counts:
        return "the records are being counted"
    done = f"{_records(master, label)} of {sum(master.key_counts.values())} records are sealed with {label}"
    return f"{done}; {master.unreadable} unreadable ones can't be" if master.unreadable else done


def _removable(seen: Seen, master: Member) -> Finding:
    kind, label = ConditionType.OLD_KEYS_REMOVABLE, keys.wanted_active(seen)
    if keys.all_on(seen, label):
        return Finding(kind, "True", Reason.ALL_ON_ACTIVE_KEY, f"no record uses any key but {label}", "no change")
    if kept := keys.dropped(seen):
        words = "; ".join(f"{one} is kept: {_uses(master, one)}" for one in kept)
        return Finding(kind, "False", Reason.KEY_STILL_IN_USE, words, f"all records sealed with {label}")
    others = [one for one in keys.held(seen) if one not in (label, master.key_active)]
    words = "; ".join(f"{one}: {_uses(master, one)}" for one in others) or f"{master.key_active} is active"
    return Finding(kind, "False", Reason.ROTATING, words, f"all records sealed with {label}")


def _uses(master: Member, label: str) -> str:
    if master.key_active == label:
        return "it is the active key"
    count = _records(master, label)
    return "how many records use it is not known yet" if count is None else f"{count} records use it"

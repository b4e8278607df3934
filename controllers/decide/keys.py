"""The spec's keys and the keyring side by side: plain readings, no verdicts, never a key's bytes.

The operator owns the keyring (Secret N-keyring). A label comes into it before any record bears it, and leaves it when
none does any more; what a label once meant, it means for ever. A spec without keys means the newest generated one.
"""

from collections.abc import Iterable

from controllers.decide.observation import Keyring, Member
from controllers.decide.seen import Seen

GENERATED = "generated-"
IN_THE_CLEAR = 0
"""The data version that can't hold sealed records."""


def held(seen: Seen) -> tuple[str, ...]:
    """The labels in the keyring."""
    return tuple(sorted(seen.world.keyring.held)) if seen.world.keyring else ()


def wanted_labels(seen: Seen) -> tuple[str, ...]:
    """All that the spec asks to be there."""
    generated = newest_generated(seen.world.keyring)
    return tuple(key.label for key in seen.wanted.keys) or ((generated,) if generated else ())


def wanted_active(seen: Seen) -> str:
    """The one that records shall bear; empty while it has yet to be generated."""
    return seen.wanted.active_key or newest_generated(seen.world.keyring)


def newest_generated(keyring: Keyring | None) -> str:
    """Label of the generated key in use; empty when there is none."""
    return max(_generated(keyring.held), default=(0, ""))[1] if keyring else ""


def next_generated(keyring: Keyring | None) -> str:
    """A label that was never used."""
    known = _generated((*keyring.held, *keyring.retired)) if keyring else []
    return f"{GENERATED}{max(known, default=(0, ''))[0] + 1}"


def absent(seen: Seen) -> tuple[str, ...]:
    """Wanted labels that are not in the keyring yet."""
    return tuple(label for label in wanted_labels(seen) if label not in held(seen))


def out_of_reach(seen: Seen) -> tuple[str, ...]:
    """What is wrong with the sources of absent labels, in words. A source that was copied may go."""
    sources = seen.world.key_sources
    return tuple(sources[label].trouble for label in absent(seen) if label in sources and sources[label].trouble)


def changed(seen: Seen) -> tuple[str, ...]:
    """Labels for which the spec's Secrets give other bytes than the label stands for."""
    keyring = seen.world.keyring or Keyring()
    known = {**keyring.retired, **keyring.held}
    sources = {label: source.fingerprint for label, source in seen.world.key_sources.items() if source.fingerprint}
    return tuple(sorted(label for label, mark in sources.items() if known.get(label, mark) != mark))


def dropped(seen: Seen) -> tuple[str, ...]:
    """Labels in the keyring that nobody wants any more."""
    wanted = wanted_labels(seen)
    return tuple(label for label in held(seen) if label not in wanted)


def unknown(seen: Seen) -> tuple[str, ...]:
    """Labels that records bear or will bear by the master's word, and that are not in the keyring."""
    master = seen.master
    used = {*(label for label, count in master.key_counts.items() if count), master.key_active} if master else set()
    return tuple(sorted(used - {"", *held(seen)}))


def all_on(seen: Seen, label: str) -> bool:
    """The label record itself says that every record bears it, and nothing is on its way to another root."""
    master = seen.master
    if master is None or not master.serving or master.data is None or master.data.target is not None:
        return False
    return master.key_active == master.key_stored == label != ""


def rotating(seen: Seen) -> bool:
    """Records are being sealed anew with the wanted key."""
    master, label = seen.master, wanted_active(seen)
    if master is None or not master.serving or in_the_clear(master):
        return False
    return master.key_active == label != master.key_stored


def removable(seen: Seen) -> tuple[str, ...]:
    """Dropped labels that no record can bear."""
    active = wanted_active(seen)
    if not all_on(seen, active):
        return ()
    counts = seen.master.key_counts if seen.master else {}
    return tuple(label for label in dropped(seen) if label != active and not counts.get(label))


def in_the_clear(master: Member) -> bool:
    """The stored data version keeps records without encryption."""
    return master.data is not None and master.data.current == IN_THE_CLEAR


def _generated(labels: Iterable[str]) -> list[tuple[int, str]]:
    numbered = [(label.removeprefix(GENERATED), label) for label in labels if label.startswith(GENERATED)]
    return [(int(number), label) for number, label in numbered if number.isdecimal()]

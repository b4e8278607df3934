"""The keyring and the active key: a key is in the keyring, loaded by all members, active, on all records, in order.

Only then may another one go. Each of these is looked at on every pass; the operator may die between any two.
"""

from controllers.api import Reason
from controllers.decide import keys
from controllers.decide.actions import Action, ActivateKey, CopyKeys, GenerateKey, RetireKeys
from controllers.decide.gates import Gate
from controllers.decide.observation import Member
from controllers.decide.turn import Step, Turn

NAME = "keys"
BEFORE_ACTIVATION = (
    Gate.SPEC_ACCEPTED,
    Gate.PAUSED,
    Gate.STORE_REACHABLE,
    Gate.KEYRING_DISTRIBUTED,
    Gate.SCHEMA_CURRENT,
)
"""SchemaCurrent: every BBS member is there and answers, so KeyringDistributed speaks of all of them; one serves, and no
migration is under way or wanted."""


def fill_keyring(turn: Turn) -> tuple[Action, ...]:
    """Brings wanted keys in and takes out what nobody needs. Writes nothing while a label would change its bytes."""
    if keys.changed(turn.seen) or turn.shut(Gate.SPEC_ACCEPTED):
        return ()
    return _generated(turn) if not turn.seen.wanted.keys and not keys.wanted_active(turn.seen) else _copied(turn)


def activate(turn: Turn) -> Step:
    """Done when new records are sealed with the wanted key; that old ones are sealed anew is not waited for."""
    seen, master = turn.seen, turn.seen.master
    if turn.refused(Gate.KEYRING_DISTRIBUTED):
        return turn.held(NAME, Gate.KEYRING_DISTRIBUTED, Reason.KEYRING_SPREADING)
    label = keys.wanted_active(seen)
    if master is None or master.data is None or not label:
        return _wait("a master that tells the active key")
    paced = master.key_stored == label or master.key_pace == seen.wanted.rotation_pace
    if master.key_active == label and paced:
        return Step(NAME, done=True)
    if shut := turn.shut(*BEFORE_ACTIVATION):
        return turn.held(NAME, shut, Reason.KEYRING_SPREADING)
    return Step(NAME, done=False, actions=(_call(turn, master, label, master.data.generation),), reason=Reason.ROTATING)


def _generated(turn: Turn) -> tuple[Action, ...]:
    """A keyring that was lost after a store was adopted is not replaced by a fresh one."""
    if turn.seen.adopted and not keys.held(turn.seen):
        return ()
    return (GenerateKey(keys.next_generated(turn.seen.world.keyring), "the spec names no keys of its own"),)


def _copied(turn: Turn) -> tuple[Action, ...]:
    sources = turn.seen.world.key_sources
    ready = [label for label in keys.absent(turn.seen) if label in sources and sources[label].fingerprint]
    if ready:
        return (CopyKeys(tuple(ready), f"the spec names {', '.join(ready)}"),)
    removable = keys.removable(turn.seen)
    if not removable or turn.shut(Gate.PAUSED, Gate.KEYRING_DISTRIBUTED):
        return ()
    reason = f"all records bear {keys.wanted_active(turn.seen)}, and the spec no longer names {', '.join(removable)}"
    return (RetireKeys(removable, reason),)


def _call(turn: Turn, master: Member, label: str, generation: int) -> ActivateKey:
    was = master.key_active
    reason = f"records go from {was or 'no key'} to {label}" if was != label else f"records go on to {label}"
    return ActivateKey(master.pod, label, generation, was, turn.seen.wanted.rotation_pace, reason)


def _wait(waiting: str) -> Step:
    return Step(NAME, done=False, waiting=waiting, reason=Reason.KEYRING_SPREADING)

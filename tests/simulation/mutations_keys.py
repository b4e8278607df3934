"""Broken rules of encryption keys: activation, rotation, and who may stand. See mutations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bbs.master import administration as administration_module
from bbs.master import rotation as rotation_module
from bbs.master.administration import Administration
from bbs.master.committer import Draft
from bbs.master.follower import Follower
from bbs.master.wiring import FileKeys
from bbs.migration import attempt as attempt_module
from bbs.migration import decide as decide_module
from bbs.models.account import REWRITTEN
from bbs.models.records import Record, put
from bbs.models.state import Outcome

Swap = Callable[[Any, str, Any], Any]


def _activation(swap: Swap, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    def activated(name: str) -> Callable[[Any], Draft]:
        return lambda anchor: Draft(members=changed(dict(old(name)(anchor).members)))

    old = swap(rotation_module, "activated", activated)
    swap(administration_module, "activated", activated)


def label_kept_on_activation(swap: Swap) -> None:
    """The label record stays although records are sealed with another key from now on."""
    _activation(swap, lambda members: {k: v for k, v in members.items() if k != "key_label"})


def keys_in_use_not_widened(swap: Swap) -> None:
    """An activation names the new key alone as one in use."""
    _activation(swap, lambda members: members | {"keys_in_use": (members["active_key"],)})


def rotation_ends_for_another_key(swap: Swap) -> None:
    """The last commit of a rotation does not look which key is active by then."""

    def sealed(active: str) -> Callable[[Any], Draft]:
        return lambda _: Draft(members={"key_label": active, "keys_in_use": (active,)})

    swap(rotation_module, "sealed_with_one", sealed)


def rotation_rewrites_what_was_confirmed(swap: Swap) -> None:
    """A record is sealed anew as it was confirmed last, not as it is with what is under way."""

    def sealed_anew(names: Any) -> Any:
        def transition(view: Any, _: Any) -> Outcome:
            entries = (view._memory.get(kind, key) for kind, key in names)
            found = tuple(put(Record(e.kind, e.key, e.data, e.deadline)) for e in entries if e is not None)
            return Outcome(b"", found, account=REWRITTEN) if found else Outcome(b"")

        return transition

    swap(rotation_module, "sealed_anew", sealed_anew)


def counts_before_the_write(swap: Swap) -> None:
    """Records count as sealed anew while they are still being written."""

    async def sealed(self: Any, batch: Any) -> Any:
        writing = asyncio.ensure_future(old(self, batch))
        writing.add_done_callback(lambda task: task.cancelled() or task.exception())
        return batch

    old = swap(rotation_module.Rotation, "_sealed", sealed)


def stands_without_a_key(swap: Swap) -> None:
    """A member that lacks a key in use stands for election."""
    swap(decide_module, "_key_missing", lambda used, can: None)


def warm_without_what_it_could_not_read(swap: Swap) -> None:
    """A memory that was loaded while a key was lacking is taken over with."""

    def take_over(self: Follower, anchor: Any) -> Any:
        memory = self._memory
        unreadable = {} if memory is None else dict(memory.unreadable)
        if memory is not None:
            memory.unreadable.clear()
        taken = old(self, anchor)
        if taken is not None:
            taken.unreadable.update(unreadable)
        return taken

    old = swap(Follower, "take_over", take_over)


def activation_on_stale_knowledge(swap: Swap) -> None:
    """The active key that the caller saw is not compared."""

    async def set_active_key(self: Administration, name: str, generation: int, _: Any, limit: Any) -> Any:
        return await old(self, name, generation, None, limit)

    old = swap(Administration, "set_active_key", set_active_key)


def removed_key_forgotten(swap: Swap) -> None:
    """A key whose file is gone is dropped although records bear it."""
    old = swap(FileKeys, "reload", lambda self, in_use=(): old(self, ()))


def flip_labels_by_the_order(swap: Swap) -> None:
    """A flip writes the label that the attempt began with, whichever key is active by then."""
    label = "key_label"
    swap(
        attempt_module,
        "_keys",
        lambda order, anchor, labels: {label: order.key_label, "keys_in_use": tuple({order.key_label} - {None})},
    )


KEYS = (
    label_kept_on_activation,
    keys_in_use_not_widened,
    rotation_ends_for_another_key,
    rotation_rewrites_what_was_confirmed,
    counts_before_the_write,
    stands_without_a_key,
    warm_without_what_it_could_not_read,
    activation_on_stale_knowledge,
    removed_key_forgotten,
    flip_labels_by_the_order,
)

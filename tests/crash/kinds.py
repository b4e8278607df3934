"""The kinds of migration that are cut off: what one starts from, what its process does, and what may finish it.

A kind is one row of `KINDS`. Whoever adds one gives it a seed, the work of the process that dies and the heirs that
finish it; the run counts its operations, kills at each of them and compares with the uninterrupted run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bbs.migration.attempt import ONLINE
from tests.crash import lives, member
from tests.crash.fatal_store import FLIP
from tests.crash.lives import Life, Seed
from tests.crash.setting import NEW_KEY

RELATIONAL = ("mysql", "postgresql")
ENGINES = ("etcd", *RELATIONAL, "sqlite")
UP, DOWN, UPSTREAM = 4000000001, 1451635200, 1772581987


@dataclass(frozen=True, slots=True)
class Kind:
    """`work` is done by the process that dies, and by the one of the uninterrupted run; `heirs` by turns.

    `keyring`: records are sealed wherever the layout can. `turns`: the operation from which on the store must hold what
    it holds at the end; None where records and version are the same all the while.
    """

    name: str
    seed: Seed
    work: Life
    heirs: tuple[Life, ...]
    turns: str | None = None
    keyring: bool = True
    engines: tuple[str, ...] = ENGINES


def _migration(name: str, source: int, target: int, *, keyring: bool) -> Kind:
    heirs = (partial(lives.migrate, to=target), partial(member.serve_until_migrated, to=target))
    return Kind(name, partial(lives.seed, version=source), heirs[0], heirs, FLIP, keyring)


_KEYS_ROTATE = partial(lives.rotate, to=NEW_KEY)
_MEMBER_ROTATES = partial(member.serve_until_sealed, to=NEW_KEY)
_MIGRATES = partial(lives.migrate, to=UP)
_MIGRATES_ONLINE = partial(member.serve_until_migrated, to=UP, mode=ONLINE)
_SEALED = partial(lives.seed, version=UP)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _migration("up", 0, UP, keyring=True),
        _migration("down", UP, DOWN, keyring=False),
        Kind("online", partial(lives.seed, version=DOWN), _MIGRATES_ONLINE, (_MIGRATES_ONLINE, _MIGRATES), FLIP),
        Kind("rotation", _SEALED, _MEMBER_ROTATES, (_KEYS_ROTATE, _MEMBER_ROTATES)),
        Kind("keys-rotate", _SEALED, _KEYS_ROTATE, (_MEMBER_ROTATES, _KEYS_ROTATE)),
        Kind(
            "handback",
            partial(lives.seed_by_way_of, versions=(UPSTREAM, UP, UPSTREAM)),
            lives.hand_back,
            (lives.hand_back_again, lives.hand_back_after_a_member),
            engines=RELATIONAL,
        ),
    )
}


def of(engine: str) -> tuple[Kind, ...]:
    """The kinds that an engine has."""
    return tuple(kind for kind in KINDS.values() if engine in kind.engines)

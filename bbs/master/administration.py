"""What the operator, or a person with its certificate, may ask of a master: fenced records, answered when durable."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from bbs.master.committer import Draft
from bbs.master.parts import Parts
from bbs.master.reigning import Ruler
from bbs.master.rotation import activated
from bbs.master.serving import AdminRefusal
from bbs.migration.attempt import OFFLINE, ONLINE
from bbs.migration.cleanup import RootInUse, drop_root
from bbs.migration.move import asked
from bbs.stores.anchor import Anchor, Wanted
from bbs.stores.contract import StoreRefused


class _Unchanged(Exception):
    """The call asks for what is there already."""


def _fresh(generation: int, if_generation: int) -> None:
    if generation != if_generation:
        raise AdminRefusal(
            412,
            "StaleGeneration",
            f"the generation is {generation}; the call was decided on {if_generation}",
            "read /status again and decide anew",
        )


class Administration:
    """Admin calls on one reign. All raise AdminRefusal, EpochLost, StoreError."""

    def __init__(self, parts: Parts, ruler: Ruler) -> None:
        self._parts = parts
        self._ruler = ruler

    async def set_target(
        self, version: int, token: str, if_generation: int, limit: int | None, mode: str | None
    ) -> dict[str, Any]:
        """Raise, withdraw or retry. The same version and token as stored change nothing. `mode` None: as configured."""
        if mode not in (None, ONLINE, OFFLINE):
            raise AdminRefusal(422, "UnknownMode", f"the mode is {mode!r}", f"give {OFFLINE} or {ONLINE}")
        online = self._parts.abilities().online if mode is None else mode == ONLINE
        serves = self._parts.abilities().serves

        def draw(anchor: Anchor) -> Draft:
            wanted = anchor.wanted
            if wanted is not None and (wanted.version, wanted.token) == (version, token):
                raise _Unchanged
            _fresh(anchor.generation, if_generation)
            if version not in serves and version != anchor.version.current:
                raise AdminRefusal(
                    422,
                    "VersionNotServed",
                    f"this binary does not serve data version {version}; it serves {sorted(serves)}",
                    "choose one of those, or deploy a release that serves it",
                )
            return Draft(members={"wanted": Wanted(version, anchor.generation + 1, token, limit), "online": online})

        with suppress(_Unchanged):
            await self._ruler.committer.commit(draw)
        self._ruler.reconsider()
        return {"generation": self._ruler.anchor.generation}

    async def set_active_key(
        self, name: str, if_generation: int, if_active: str | None, limit: int | None
    ) -> dict[str, Any]:
        """New records are sealed with that key from now on, and `limit` old ones a second are sealed anew.

        An activation raises no generation (that would end a hold): `if_active`, the active key that the caller saw, is
        what makes a call stale that was decided before another activation.
        """

        def draw(anchor: Anchor) -> Draft:
            if (anchor.active_key, anchor.rotation_pace) == (name, limit):
                raise _Unchanged
            _fresh(anchor.generation, if_generation)
            if if_active is not None and anchor.active_key != if_active:
                raise AdminRefusal(
                    412,
                    "StaleActiveKey",
                    f"the active key is {anchor.active_key!r}; the call was decided on {if_active!r}",
                    "read /status again and decide anew",
                )
            if name not in self._parts.keys.loaded():
                raise AdminRefusal(
                    422, "KeyMissing", f"this member has not loaded the key {name}", "distribute the key first"
                )
            members = {} if anchor.active_key == name else activated(name)(anchor).members
            return Draft(members={**members, "rotation_pace": limit})

        paced = self._ruler.anchor.active_key == name
        with suppress(_Unchanged):
            await self._ruler.committer.commit(draw)
            self._parts.keys.activate(name)
            if not paced:
                if self._ruler.rotation is not None:
                    self._ruler.rotation.stir()
                self._parts.journal("key-activated", key=name)
        return {"generation": self._ruler.anchor.generation}

    async def set_move(self, token: str, if_generation: int, *, wanted: bool) -> dict[str, Any]:
        """Wish for the move to another store (again: retry), or withdraw that. `if_generation`: the move's own."""

        def draw(anchor: Anchor) -> Draft:
            if anchor.moved_from is not None:
                if wanted:
                    raise _Unchanged
                raise AdminRefusal(
                    422,
                    "AlreadyMoved",
                    f"the records were moved from {anchor.moved_from}, and changes were made since",
                    "to go back, export the records and import them there",
                )
            if anchor.move is not None and (anchor.move.wanted, anchor.move.token) == (wanted, token):
                raise _Unchanged
            _fresh(anchor.move_generation, if_generation)
            if wanted and self._parts.destination is None:
                raise AdminRefusal(
                    422,
                    "NoDestination",
                    "this master has no store.migrate_from: it has one store only",
                    "configure the other store as store.type, and this one as store.migrate_from",
                )
            return Draft(members=asked(anchor, token, wanted=wanted))

        with suppress(_Unchanged):
            await self._ruler.committer.commit(draw)
        self._ruler.reconsider()
        return {"generation": self._ruler.anchor.move_generation}

    async def drop_roots(self, roots: list[str], if_generation: int) -> dict[str, Any]:
        """Drop roots that are neither live nor staged."""
        _fresh(self._ruler.anchor.generation, if_generation)
        for root in roots:
            try:
                await asyncio.wait_for(drop_root(self._ruler.committer, root), timeout=600)
            except StoreRefused as error:
                raise AdminRefusal(
                    422, "NoSuchRoot", f"{root!r} is no root: {error}", "name only roots listed in status.old_roots"
                ) from error
            except RootInUse as error:
                raise AdminRefusal(
                    422, "RootInUse", f"{root} is live or being staged", "name only roots listed in status.old_roots"
                ) from error
        await self._ruler.look_at_roots()
        return {"generation": self._ruler.anchor.generation}

"""A command that works on the store itself is a holder like any other: it claims, commits and releases."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any, Protocol

from bbs.cli.progress import Progress
from bbs.configuration import BBSConfiguration
from bbs.models.records import Record


class Holder(Protocol):
    """The holder of a store, for as long as a command needs it."""

    def records(self) -> Iterable[Record]:
        """All records, in no order."""

    async def put(self, records: Iterable[Record]) -> None:
        """Store records, in as many commits as they need."""

    async def prepare(self, to: int) -> dict[str, Any]:
        """The verdict of a rehearsal, as /status.prepared has it."""

    async def migrate(self, to: int, progress: Progress) -> None:
        """Migrate to the end."""


def holding(configuration: BBSConfiguration, initial_version: int | None = None) -> AbstractAsyncContextManager[Holder]:
    """Claim the store that the configuration names; refused while another holder lives."""
    module = import_module("bbs.master.holder")
    held: AbstractAsyncContextManager[Holder] = module.hold(configuration, initial_version=initial_version)
    return held

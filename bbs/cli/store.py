"""A command that works on the store itself is a holder like any other: it claims, commits and releases."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from bbs.configuration import BBSConfiguration

if TYPE_CHECKING:
    from bbs.master.holder import StoreHolder


def holding(
    configuration: BBSConfiguration, initial_version: int | None = None
) -> AbstractAsyncContextManager[StoreHolder]:
    """Claim the store that the configuration names; Refusal while another holder lives."""
    from bbs.master.holder import hold  # noqa: PLC0415 - all of the BBS, needed only here

    return hold(configuration, initial_version)

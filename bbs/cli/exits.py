"""Exit codes, and which failure gives which: 0 done, 2 usage or configuration, 3 refused, 4 unreachable."""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

USAGE = 2
REFUSED = 3
UNREACHABLE = 4


class Refusal(Exception):
    """What was asked can't be done as things stand; the text says what was seen and what to do."""


class Usage(Exception):
    """The call itself is wrong."""


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command to its end; a known failure becomes one line on stderr and its exit code."""
    import asyncio  # noqa: PLC0415 - `bbs --help` needs none

    try:
        asyncio.run(work)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        fail(error)


def fail(error: Exception) -> NoReturn:
    """Say `error` and leave with its code; what is unknown here is the program's own fault and keeps its traceback."""
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has enough; the interpreter must not try to flush the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    code = _code(error)
    if code is None:
        raise error
    for line in str(error).splitlines():
        print(f"bbs: {line}", file=sys.stderr)
    sys.exit(code)


def _code(error: Exception) -> int | None:
    from bbs.client import BBSError, NotAvailable, Refused, UnexpectedAnswer  # noqa: PLC0415
    from bbs.configuration import ConfigurationError  # noqa: PLC0415
    from bbs.encryption import KeyringError  # noqa: PLC0415
    from bbs.interchange.lines import Unexportable  # noqa: PLC0415
    from bbs.stores.anchor import MalformedAnchor  # noqa: PLC0415
    from bbs.stores.contract import StoreError, StoreMisconfigured, StoreUnavailable  # noqa: PLC0415

    match error:
        case Usage() | ConfigurationError() | KeyringError() | StoreMisconfigured() | OSError():
            return USAGE
        case NotAvailable(code="Unreachable" | "NoMaster" | "StoreUnavailable" | "Unavailable"):
            return UNREACHABLE
        case StoreUnavailable() | UnexpectedAnswer():
            return UNREACHABLE
        case Refusal() | MalformedAnchor() | Unexportable() | Refused() | NotAvailable() | BBSError() | StoreError():
            return REFUSED
    return None

"""`bbs certs`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bbs.certs import LEAVES, write_certificates
from bbs.cli.exits import Refusal


def make(directory: Path, names: list[str]) -> None:
    """Write them and print what lies where. Raises Refusal when an authority lies there already."""
    try:
        write_certificates(directory, datetime.now(UTC), names)
    except FileExistsError as error:
        raise Refusal(str(error)) from error
    print(directory / "ca.crt")
    for folder in LEAVES:
        print(directory / folder / "tls.crt")
        print(directory / folder / "tls.key")

"""The kinds of values a configuration holds: durations, addresses, files that must be there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator

UNITS_S = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def seconds(value: object) -> float:
    """A Go duration such as `1m30s` as seconds; `0` needs no unit. A bare number is refused: its unit is a guess."""
    if value in ("0", 0) and not isinstance(value, bool):
        return 0.0
    parts = _PART.findall(value) if isinstance(value, str) else []
    if not isinstance(value, str) or not parts or "".join(number + unit for number, unit in parts) != value:
        message = f"{value!r} is no duration; wanted a Go duration such as 500ms, 15s or 1m30s"
        raise ValueError(message)
    return sum(float(number) * UNITS_S[unit] for number, unit in parts)


class Address(NamedTuple):
    """Host and port to listen at."""

    host: str
    port: int


def address(value: object) -> Address:
    """`HOST:PORT`; an IPv6 host stands in brackets, an empty one means all addresses."""
    if isinstance(value, Address):
        return value
    host, colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not colon or not port.isdigit() or int(port) > 65535 or (":" in host and not host.startswith("[")):
        message = f"{value!r} is no address to listen at; wanted HOST:PORT such as 0.0.0.0:8889"
        raise ValueError(message)
    return Address(host.strip("[]") or "0.0.0.0", int(port))


def existing_file(path: Path) -> Path:
    """A file that is there now; what it holds is checked by who reads it."""
    if not path.is_file():
        message = f"{path} is {'no file' if path.exists() else 'not there'}; wanted a readable file"
        raise ValueError(message)
    return path


def existing_folder(path: Path) -> Path:
    """A folder that is there now."""
    if not path.is_dir():
        message = f"{path} is {'no folder' if path.exists() else 'not there'}; wanted a folder"
        raise ValueError(message)
    return path


Seconds = Annotated[float, BeforeValidator(seconds)]
"""Seconds, written as a Go duration."""

Listen = Annotated[Address, BeforeValidator(address)]
ExistingFile = Annotated[Path, AfterValidator(existing_file)]
ExistingFolder = Annotated[Path, AfterValidator(existing_folder)]

"""Which layouts this binary has: what lies in this folder, and nothing else.

Nothing imports a layout by name, so that a build which leaves a file out is a build that can't read its version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import cast

from bbs.layouts.contract import Layout

_FILE = re.compile(r"layout_([0-9]+)\.py")


class MisnamedLayout(RuntimeError):
    """A layout's file and the version that it declares differ: the build is broken."""


@cache
def layouts() -> Mapping[int, Layout]:
    """All layouts by data version, ascending. They are read."""
    found: dict[int, Layout] = {}
    for file in Path(__file__).parent.iterdir():
        match = _FILE.fullmatch(file.name)
        if match:
            layout = cast(Layout, import_module(f"{__package__}.{file.stem}").LAYOUT)
            if layout.version != int(match[1]):
                message = f"{file.name} declares data version {layout.version}; rename one of them"
                raise MisnamedLayout(message)
            found[layout.version] = layout
    return MappingProxyType(dict(sorted(found.items())))


def served() -> tuple[int, ...]:
    """The data versions that can be written, ascending."""
    return tuple(version for version, layout in layouts().items() if layout.serves)


def newest_served() -> int:
    """The highest data version that can be written."""
    return served()[-1]


def leaves_encryption(layout: Layout) -> bool:
    """Whether `layout` writes in the clear although a keyring is loaded: a loss of the whole store, to be refused or
    confirmed by whoever asks for the migration. `Layout.loses` can't say it, since a record knows no keyring."""
    return not getattr(layout, "sealed", True)

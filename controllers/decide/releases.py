"""The order of releases: which of two versions of the binaries is newer."""

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def _key(version: str) -> tuple[tuple[int, ...], int, str]:
    """Numbers first, then a release above its own pre-releases, then the text: total, also over odd tags."""
    core, dash, pre = version.lstrip("v").partition("-")
    numbers = [int(part) for part in re.findall(r"\d+", core)]
    return (tuple(numbers), 0 if dash else 1, pre)


def newer(one: str, other: str) -> bool:
    """Whether `one` was released after `other`."""
    return _key(one) > _key(other)


def oldest(versions: list[str]) -> str:
    """The first released of some; empty when there is none."""
    return min(versions, key=_key, default="")

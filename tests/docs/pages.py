"""The written pages of the repository."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")), ROOT / "e2e/cluster/README.md")


def everything_written() -> str:
    """All pages below docs/, one text."""
    return "\n".join(page.read_text() for page in sorted(DOCS.rglob("*.md")))


def unmentioned(names: set[str], text: str) -> list[str]:
    """Names that stand nowhere in `text` as words of their own."""
    return sorted(name for name in names if not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text))


def code(page: Path) -> str:
    """What a page shows as code: fenced blocks and `spans`."""
    text = page.read_text()
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.S | re.M)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))
    return "\n".join([*blocks, *spans])

"""The two tables of docs/reference/differences.md, made from the code: `python -m tests.golden.page` writes them."""

from __future__ import annotations

from pathlib import Path

from tests.golden import differences, normalisation

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "differences.md"
MARK = "<!-- {} -->"


def rendered(page: str) -> str:
    """The page with both tables as the code has them now."""
    return _between(_between(page, "differences", _differences()), "normalised", _normalised())


def _differences() -> str:
    rows = ["| name | what the real BBS does | what happens here | why |", "| --- | --- | --- | --- |"]
    rows += [f"| {row.name} | {row.seen} | {row.instead} | {row.reason} |" for row in differences.TABLE]
    return "\n".join(rows)


def _normalised() -> str:
    rows = ["| name | what | why |", "| --- | --- | --- |"]
    return "\n".join([*rows, *(f"| {rule.name} | {rule.what} | {rule.reason} |" for rule in normalisation.TABLE)])


def _between(page: str, name: str, text: str) -> str:
    begin, end = MARK.format(name), MARK.format(f"end of {name}")
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{text}\n{end}{after}"


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text()))

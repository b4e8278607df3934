"""Lines of an export, as somebody may have edited them."""

from __future__ import annotations

from bbs.interchange.lines import BadLine, export_line, import_records
from bbs.models.index import indexed
from tests.fuzz.corpus import BIGGEST, records
from tests.fuzz.target import Target


def check(data: bytes) -> None:
    """Records, or BadLine; an imported record is exported as a line that gives it again."""
    try:
        found = list(import_records(data.split(b"\n")))
    except BadLine:
        return
    for record in found:
        indexed(record)
        line = export_line(record)
        (again,) = import_records([line])
        assert export_line(again) == line
        assert (again.key, again.deadline) == (record.key, record.deadline)


TARGET = Target(
    "lines",
    "a line is a record or refused by number, and what was imported can be exported",
    [line for record in records() if len(line := export_line(record)) < BIGGEST],
    check,
    words=(b'"kind":"domains"', b'"record":{', b'"deadline":', b'"_unknown":"', b"\\ud800", b"\\u0000", b'{"a":' * 300),
)

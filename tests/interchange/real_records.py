"""Records of a real BBS: `data/real_records.jsonl`, one {kind, key, data} a line, data the message in base64."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

from bbs.models.records import Kind, Record


def _read() -> list[Record]:
    lines = (Path(__file__).parent / "data" / "real_records.jsonl").read_text().splitlines()
    return [Record(Kind(row["kind"]), row["key"], b64decode(row["data"])) for row in map(json.loads, lines)]


REAL_RECORDS = _read()

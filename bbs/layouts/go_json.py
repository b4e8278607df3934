"""JSON as Go's standard library writes it: the spelling of upstream's plain and encrypted JSON columns.

Members sorted by name, no white space, `<`, `>`, `&`, U+2028 and U+2029 escaped. Embedded documents are respelled so,
their numbers and the order of their members stay. Source: docs/reference/upstream-sql.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bbs.interchange.documents import NotJSON, document_texts, is_document

_STRING_OR_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', re.DOTALL)
_ESCAPED = re.compile("[<>&\u2028\u2029]")


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def text_of(value: str | Sequence[str] | None) -> str:
    """A string, a list of strings or null."""
    return _escape(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def object_of(documents: Mapping[str, str]) -> str:
    """An object of documents that are spelled already, sorted by the bytes of their names."""
    members = sorted(documents.items(), key=lambda member: member[0].encode("utf-8", "surrogateescape"))
    return "{" + ",".join(f"{text_of(name)}:{document}" for name, document in members) + "}"


def respelled(document: bytes) -> str:
    """An embedded document in Go's spelling. Raises NotJSON."""
    text = document.decode("utf-8", "surrogateescape")
    compact = _escape(_STRING_OR_SPACE.sub(lambda found: found[1] or "", text))
    if not is_document(compact):
        message = "not one JSON document, or one that nests too deep"
        raise NotJSON(message)
    return compact


def members_of(payload: bytes) -> dict[str, str]:
    """The members of an object, each document as it stands; none for null and for nothing. Raises NotJSON."""
    text = payload.decode("utf-8", "surrogateescape").strip(" \t\r\n")
    return {} if text in ("", "null") else document_texts(text)


def value_of(payload: bytes) -> Any:
    """A parsed value; None for nothing. Raises NotJSON."""
    try:
        return json.loads(payload.decode("utf-8", "surrogateescape")) if payload.strip() else None
    except (ValueError, RecursionError) as error:
        message = f"not JSON: {error}"
        raise NotJSON(message) from None

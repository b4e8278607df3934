"""JSON texts as Go reads them: numbers of any length, and documents that nest far deeper than this runtime recurses.

Source: docs/reference/wire.md.
"""

from __future__ import annotations

import json
import re

DEEPEST = 9_999
"""Levels of a document that can stand inside one object, of which Go reads 10,000."""

_SCALAR = r"true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?"
_STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_TOKEN = re.compile(rf"[ \t\n\r]*+(?:(?P<sign>[][{{}},:])|(?P<string>{_STRING})|(?P<scalar>{_SCALAR}))")
_SPACE = re.compile(r"[ \t\n\r]*+")

_VALUE, _FIRST_VALUE, _NAME, _FIRST_NAME, _COLON = "a value", "a value or ]", "a name", "a name or }", ":"
_IN_LIST, _IN_OBJECT, _END = ", or ]", ", or }", "the end"
_BEGIN = {"[": _FIRST_VALUE, "{": _FIRST_NAME}
_INSIDE = {"[": _IN_LIST, "{": _IN_OBJECT}
_CLOSED_BY = {_FIRST_VALUE: "]", _IN_LIST: "]", _FIRST_NAME: "}", _IN_OBJECT: "}"}
_GO_ON = {(_IN_LIST, ","): _VALUE, (_IN_OBJECT, ","): _NAME, (_COLON, ":"): _VALUE}


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON"
    raise ValueError(message)


_DOCUMENT = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=_no_constant)


def require_document(text: str) -> None:
    """Raises ValueError unless `text` is one document of at most `DEEPEST` levels, white space around it allowed."""
    try:
        _DOCUMENT.decode(text)
    except RecursionError:
        end = end_of_document(text)
        if _SPACE.fullmatch(text, end) is None:
            message = f"more text after the document, at character {end}"
            raise ValueError(message) from None


def end_of_document(text: str, position: int = 0) -> int:
    """Where the document ends that begins at `position`; walks it without recursion. Raises ValueError."""
    around: list[str] = []
    wanted = _VALUE
    while wanted != _END:
        token = _TOKEN.match(text, position)
        following = None if token is None else _following(wanted, token, around)
        if token is None or following is None:
            message = f"{wanted} wanted at character {position}"
            raise ValueError(message)
        wanted, position = following, token.end()
    return position


def _following(wanted: str, token: re.Match[str], around: list[str]) -> str | None:
    """What is wanted after that token; `around`: the brackets that are open. None: it is not what was wanted."""
    sign = token["sign"]
    if wanted in (_VALUE, _FIRST_VALUE) and (sign is None or sign in _BEGIN):
        if sign is None:
            return _behind_a_value(around)
        around.append(sign)
        return _BEGIN[sign] if len(around) <= DEEPEST else None
    if wanted in (_NAME, _FIRST_NAME) and token["string"] is not None:
        return _COLON
    if sign is not None and _CLOSED_BY.get(wanted) == sign:
        around.pop()
        return _behind_a_value(around)
    return _GO_ON.get((wanted, sign)) if sign is not None else None


def _behind_a_value(around: list[str]) -> str:
    return _INSIDE[around[-1]] if around else _END

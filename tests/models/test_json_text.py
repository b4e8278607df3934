"""JSON that nests deeper than this runtime recurses is walked by our own rules."""

from __future__ import annotations

import pytest

from bbs.models.json_text import DEEPEST, end_of_document, require_document

DEEP = 2_000


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEPEST + "]" * DEEPEST,
        '{"a":' * DEEP + '{"b":[],"c":{}, "d" : -1.5e+3}' + "}" * DEEP,
        " " + "[" * DEEP + ' "\\u00e9\\n" , true,null ' + "]" * DEEP + "\n",
    ],
)
def test_a_deep_document_is_one(text: str) -> None:
    require_document(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        "[" * DEEP + "]" * (DEEP - 1),
        "[" * DEEP + "]" * DEEP + "x",
        "[" * DEEP + "}" + "]" * DEEP,
        "[" * DEEP + "1,]" + "]" * (DEEP - 1),
        "[" * DEEP + "1 2" + "]" * DEEP,
        "[" * DEEP + "01" + "]" * DEEP,
        "[" * DEEP + '"\x01"' + "]" * DEEP,
        '{"a":' * DEEP + "1," + "}" * DEEP,
        '{"a":' * DEEP + "{1:2}" + "}" * DEEP,
    ],
)
def test_a_deep_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"wanted at|more text"):
        require_document(text)


def test_a_document_ends_before_what_follows_it() -> None:
    assert end_of_document('  {"a":[1]} , 2', 2) == 11

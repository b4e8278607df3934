"""App guids select as LIKE does on the databases of the real BBS."""

from __future__ import annotations

import pytest

from bbs.models.desired_lrps.prefixes import WILD_LIMIT, begins_with
from bbs.models.errors import Refused


@pytest.mark.parametrize(
    ("prefix", "selected", "others"),
    [
        ("", "a", ""),
        ("ab", "ab abc", "a b xab"),
        ("a_c", "abc abcd a_c", "ac acc-"[:2]),
        (r"a\_c", "a_c a_cd", "abc"),
        (r"a\b", "ab abc", r"a\b"),
        ("a%c", "ac abcd abbc", "ab ca"),
        ("%b%d", "abcd bd bxdy", "db ab"),
        ("%b%b", "abb bab", "ab"),
        ("a\\", "a%", "a ab a%b"),
        ("%a\\", "a% ba% a%a%", "a a%b"),
    ],
)
def test_a_prefix_selects_as_like_does(prefix: str, selected: str, others: str) -> None:
    begins = begins_with([prefix])
    assert [guid for guid in selected.split() if not begins(guid)] == []
    assert [guid for guid in others.split() if begins(guid)] == []


def test_of_many_prefixes_any_selects() -> None:
    begins = begins_with(["b", "ab", "abc", "a-", "x_z"])
    assert [guid for guid in ("a", "ab1", "abc", "a-1", "aa", "ba", "xyz", "c") if begins(guid)] == [
        "ab1", "abc", "a-1", "ba", "xyz",
    ]  # fmt: skip


def test_patterns_that_would_take_for_ever_are_refused() -> None:
    begins_with(["%" * WILD_LIMIT])("a" * 255)
    with pytest.raises(Refused):
        begins_with(["%" * WILD_LIMIT, "_"])

"""The walk of a scan: every key once and in order, whatever lies where, in few steps that each count few keys."""

from __future__ import annotations

import bisect
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bbs.stores.etcd_stride import HIGHEST_LIMIT, Stride

PREFIX = b"/v4000000001@1-1/"


def walk(keys: list[bytes], size: int = 500) -> tuple[list[bytes], int, int]:
    """The keys met, the steps made, and the keys that a server had to count."""
    stride, met, steps, counted = Stride(PREFIX), [], 0, 0
    while not stride.done:
        low, high = bisect.bisect_left(keys, stride.start), bisect.bisect_left(keys, stride.stop)
        page = keys[low : min(high, low + stride.limit)]
        counted += high - low
        steps += 1
        stride.passed(page, size * len(page), more=low + stride.limit < high)
        met += page
    return met, steps, counted


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=80), unique=True, max_size=300))
def test_every_key_is_met_once_and_in_order(names: list[bytes]) -> None:
    keys = sorted(PREFIX + name for name in names)
    assert walk(keys)[0] == keys


@pytest.mark.parametrize("form", ["numbers", "guids", "alike", "clusters"])
def test_the_keys_that_a_server_counts_grow_with_the_keys_not_with_their_square(form: str) -> None:
    count = 200_000
    names = {
        "numbers": lambda number: f"desired_lrps/app-{number:06}",
        "guids": lambda number: f"tasks/{uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)}",
        "alike": lambda number: f"{'x' * 60}{number:06}",
        "clusters": lambda number: f"{('actual_lrps', 'desired_lrps', 'domains', 'tasks')[number % 4]}/g-{number}",
    }[form]
    keys = sorted(PREFIX + names(number).encode() for number in range(count))
    met, steps, counted = walk(keys)
    assert met == keys
    if form != "alike":  # alike beyond the window: paged by limit alone, which is correct and slow
        assert counted < 12 * count
    assert steps < 20 * count / HIGHEST_LIMIT + 300

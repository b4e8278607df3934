"""`make fuzz` in small: what a change breaks is seen before a million inputs are tried."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.fuzz.mutation import input_of
from tests.fuzz.run import Slice, attempt, main, prepare, slices, tried
from tests.fuzz.target import Target, load, names

INPUTS = 600


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    """The suite's own alarm is back afterwards."""
    before = signal.getsignal(signal.SIGALRM)
    remaining = signal.setitimer(signal.ITIMER_REAL, 0)
    prepare()
    yield
    signal.signal(signal.SIGALRM, before)
    signal.setitimer(signal.ITIMER_REAL, *remaining)


@pytest.mark.parametrize("name", names())
def test_a_target_keeps_its_promise_for_its_first_inputs(name: str) -> None:
    result = tried(Slice(name, 1, 0, INPUTS))
    assert result.failures == ()
    assert result.tried == INPUTS


@pytest.mark.parametrize("name", names())
def test_every_seed_is_an_input_that_is_taken(name: str) -> None:
    target = load(name)
    assert [seed for seed in target.seeds if attempt(target, seed)] == []


def test_an_input_can_be_made_again_alone() -> None:
    target = load("routes")
    assert input_of(target, 3, 77) == input_of(target, 3, 77)
    assert len({input_of(target, 3, number) for number in range(50)}) > 40


def test_a_broken_promise_is_told_with_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(data: bytes) -> None:
        assert b"!" not in data, "it shouts"

    broken = Target("envelope", "it does not shout", [b"ha!"], check)
    monkeypatch.setattr("tests.fuzz.run.load", lambda _name: broken)
    (failure, *_) = tried(Slice("envelope", 1, 0, 50)).failures
    assert "it shouts" in failure
    assert "--target envelope --seed 1 --first" in failure


def test_the_slices_are_as_many_inputs_as_asked_for() -> None:
    parts = slices(None, 1, 123_457, 0)
    assert sum(part.count for part in parts) == 123_457
    assert {part.target for part in parts} == set(names())


def test_one_input_is_tried_from_its_base64(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["run", "--target", "anchor", "--input", "AA=="])
    assert main() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 inputs, 0 failures"

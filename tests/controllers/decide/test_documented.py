"""The documentation is tested: a gate or a reason that a user can meet is explained."""

from pathlib import Path

from controllers.api import Reason
from controllers.decide.gates import Gate

GATES_PAGE = (Path(__file__).parents[3] / "docs/reference/gates.md").read_text()


def test_every_gate_is_documented() -> None:
    assert [gate for gate in Gate if f"| {gate} |" not in GATES_PAGE] == []


def test_every_reason_is_documented_with_its_remedy() -> None:
    assert [str(one) for one in Reason if f"| {one} | {one.meaning} | {one.remedy}" not in GATES_PAGE] == []

"""What generated records promise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from bbs.interchange.generation import generate
from bbs.interchange.lines import export_digest, record_text
from bbs.layouts.registry import layouts, served
from bbs.models.records import NEVER, Kind, Record

YEAR_2100 = 4_102_444_800_000_000_000
INERT_200_SEED_7 = "36597be8ea8cd7481668bc90a4bfb98545ce841353ca86d8d46a5e74cec33e23"


def documents(records: list[Record], kind: Kind) -> Iterator[dict[str, Any]]:
    return (json.loads(record_text(record)) for record in records if record.kind is kind)


@pytest.mark.parametrize("wanted", [0, 1, 2, 7, 250])
def test_exactly_as_many_as_wanted_are_made_each_with_a_key_of_its_own(wanted: int) -> None:
    records = list(generate(wanted, seed=5, inert=False))
    assert len(records) == len({(record.kind, record.key) for record in records}) == wanted


def test_the_same_seed_gives_the_same_records_on_every_machine() -> None:
    assert export_digest(generate(200, seed=7, inert=True)) == INERT_200_SEED_7
    assert export_digest(generate(200, seed=8, inert=True)) != INERT_200_SEED_7


@pytest.mark.parametrize("inert", [False, True])
def test_no_layout_loses_anything_of_them(inert: bool) -> None:
    records = list(generate(150, seed=11, inert=inert))
    layouts_served = [layouts()[version] for version in served()]
    assert [layout.loses(record) for layout in layouts_served for record in records if layout.loses(record)] == []


def test_they_are_of_every_kind_and_state_and_of_real_size() -> None:
    records = list(generate(1000, seed=2, inert=False))
    sizes = [len(record.data) for record in records if record.kind is Kind.DESIRED_LRPS]
    assert set(Counter(record.kind for record in records)) == set(Kind)
    assert {task["state"] for task in documents(records, Kind.TASKS)} == {
        "Pending",
        "Running",
        "Completed",
        "Resolving",
    }
    assert {lrp["state"] for lrp in documents(records, Kind.ACTUAL_LRPS)} == {
        "UNCLAIMED", "CLAIMED", "RUNNING", "CRASHED",
    }  # fmt: skip
    assert 1200 < sum(sizes) / len(sizes) < 2400


def test_inert_ones_give_convergence_nothing_to_do() -> None:
    records = list(generate(600, seed=4, inert=True))
    desired = {lrp["process_guid"]: lrp for lrp in documents(records, Kind.DESIRED_LRPS)}
    actual = list(documents(records, Kind.ACTUAL_LRPS))
    tasks = list(documents(records, Kind.TASKS))
    domains = [record for record in records if record.kind is Kind.DOMAINS]
    assert all(record.key.startswith("seed-") and record.deadline == NEVER for record in domains)
    assert {lrp["rootfs"] for lrp in desired.values()} | {task["rootfs"] for task in tasks} == {"preloaded:seed-none"}
    assert Counter(lrp["process_guid"] for lrp in actual) == Counter(
        {guid: lrp["instances"] for guid, lrp in desired.items()}
    )
    assert {(lrp["state"], lrp["crash_count"], lrp["cell_id"]) for lrp in actual} == {("CRASHED", 200, "")}
    assert {task["cell_id"] for task in tasks} == {""}
    assert {task["state"] for task in tasks} == {"Completed", "Resolving"}
    assert min(task["created_at"] for task in tasks) >= YEAR_2100 <= min(lrp["since"] for lrp in actual)
    assert {lrp["domain"] for lrp in [*desired.values(), *tasks]} <= {record.key for record in domains}

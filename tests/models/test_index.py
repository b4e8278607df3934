"""A record's entry knows what the API asks for."""

import pytest

from bbs.models.index import index
from bbs.models.records import Kind
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.task_pb2 import Task
from tests.models import requests


def test_an_actual_lrp_is_found_by_guid_cell_state_and_presence() -> None:
    lrp = ActualLRP(
        actual_lrp_key=requests.key(3),
        actual_lrp_instance_key=requests.instance(),
        state="RUNNING",
        presence=ActualLRP.SUSPECT,
    )
    entry = index(Kind.ACTUAL_LRPS, "pg/3/suspect", lrp.SerializeToString(), 7)
    assert (entry.group, entry.index, entry.domain, entry.cell_id) == ("pg", 3, "dom", "cell-1")
    assert (entry.state, entry.presence, entry.deadline) == ("RUNNING", 2, 7)


def test_a_desired_lrp_is_found_by_guid_and_domain() -> None:
    entry = index(Kind.DESIRED_LRPS, "pg", DesiredLRP(process_guid="pg", domain="dom").SerializeToString())
    assert (entry.group, entry.domain) == ("pg", "dom")


def test_a_task_is_found_by_guid_cell_and_state() -> None:
    task = Task(task_guid="t", domain="dom", cell_id="cell-1", state=Task.Running)
    entry = index(Kind.TASKS, "t", task.SerializeToString())
    assert (entry.group, entry.domain, entry.cell_id, entry.state) == ("t", "dom", "cell-1", "Running")


def test_a_domain_is_its_own_group() -> None:
    assert index(Kind.DOMAINS, "a/b", b"", 5).group == "a/b"


@pytest.mark.parametrize("kind", [Kind.ACTUAL_LRPS, Kind.DESIRED_LRPS, Kind.TASKS])
def test_bytes_that_are_no_message_are_named(kind: Kind) -> None:
    with pytest.raises(ValueError, match="the-key"):
        index(kind, "the-key", b"\xff\xff")


def test_an_unknown_task_state_is_refused() -> None:
    with pytest.raises(ValueError, match="t"):
        index(Kind.TASKS, "t", Task(task_guid="t").SerializeToString() + b"\x38\x09")

"""Who may begin with an empty volume, as etcd's own flags say it."""

import pytest

from controllers.render.etcd import entry_map, peer_url, pod_at
from controllers.render.names import Names

NAMES = Names("d", "ns")
PODS = ("d-etcd-0", "d-etcd-1", "d-etcd-2")


def named(entry: str) -> set[str]:
    """Pods that find their own name in the list; etcd lets no other one begin."""
    listed = entry_map(NAMES, entry)["initial-cluster"].split(",")
    return {one.partition("=")[0] for one in listed} & set(PODS)


def test_at_the_first_start_every_pod_finds_itself() -> None:
    assert named("new 3") == set(PODS)
    assert entry_map(NAMES, "new 3")["initial-cluster-state"] == "new"


def test_when_one_joins_only_that_one_finds_itself_in_the_whole_list() -> None:
    found = entry_map(NAMES, f"join d-etcd-1 of {','.join(PODS)}")
    assert named(found["entry"]) == {"d-etcd-1"}
    addresses = {one.partition("=")[2] for one in found["initial-cluster"].split(",")}
    assert addresses == {peer_url(NAMES, pod) for pod in PODS}
    assert found["initial-cluster-state"] == "existing"


def test_at_rest_nobody_finds_itself() -> None:
    assert named("sealed") == set()
    assert entry_map(NAMES, "sealed")["initial-cluster-state"] == "existing"


@pytest.mark.parametrize("pod", PODS)
def test_the_pod_of_a_member_is_read_from_its_peer_url(pod: str) -> None:
    assert pod_at(peer_url(NAMES, pod)) == pod

"""Calls to a real API server: preconditions, the Lease, and what this account may."""

import asyncio
from contextlib import suppress

import pytest

from controllers.cluster import Body, CallFailed, Cluster
from controllers.loop_lease import Lease
from controllers.permissions import missing_permissions


def pod(name: str) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": "x", "image": "x:1"}], "terminationGracePeriodSeconds": 0},
    }


async def test_a_pod_that_changed_since_it_was_seen_is_not_deleted(cluster: Cluster) -> None:
    made = (await cluster.create("Pod", "default", pod("changed")))["metadata"]
    await cluster.merge("Pod", "default", "changed", {"metadata": {"labels": {"touched": "yes"}}})
    with pytest.raises(CallFailed) as refused:
        await cluster.delete_pod("default", "changed", uid=made["uid"], resource_version=made["resourceVersion"])
    assert refused.value.status == 409
    assert await cluster.get("Pod", "default", "changed") is not None


async def test_another_pod_of_the_same_name_is_not_evicted(cluster: Cluster) -> None:
    made = (await cluster.create("Pod", "default", pod("other")))["metadata"]
    with pytest.raises(CallFailed) as refused:
        await cluster.evict("default", "other", uid="another", resource_version=made["resourceVersion"])
    assert refused.value.status == 409
    await cluster.evict("default", "other", uid=made["uid"], resource_version=made["resourceVersion"])
    assert await cluster.get("Pod", "default", "other") is None


async def test_what_does_not_exist_is_none_and_no_error(cluster: Cluster) -> None:
    assert await cluster.get("ConfigMap", "default", "nothing") is None


async def test_an_administrator_misses_no_permission(cluster: Cluster) -> None:
    assert await missing_permissions(cluster, "") == []


async def until(lease: Lease, held: bool) -> None:
    async with asyncio.timeout(30):
        while lease.held is not held:  # noqa: ASYNC110 - the lease is a plain flag for its readers
            await asyncio.sleep(0.05)


async def test_one_operator_holds_the_lease_and_the_next_takes_it_when_it_is_given_back(cluster: Cluster) -> None:
    one, other = Lease(cluster, "default", "one"), Lease(cluster, "default", "other")
    first = asyncio.create_task(one.run())
    await until(one, held=True)
    second = asyncio.create_task(other.run())
    try:
        await asyncio.sleep(3)
        assert (one.held, other.held) == (True, False)
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
        await one.release()
        await until(other, held=True)
    finally:
        second.cancel()
        with suppress(asyncio.CancelledError):
            await second

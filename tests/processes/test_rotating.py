"""A rotation of keys by real processes, as the operator drives it: folder, call, kill, and what it reads of it."""

from __future__ import annotations

import signal
from pathlib import Path

from controllers.decide.observation import Member as Seen
from controllers.observe.members import member_of
from tests.engines.etcd import EtcdServer
from tests.processes.cluster import PATIENT_LOCK, Cluster
from tests.processes.member import Member
from tests.processes.waiting import until

RECORDS = 400
PACE = 50


async def seen(member: Member) -> Seen:
    """A member's word, as the operator understands it."""
    document = await member.status()
    assert document is not None
    return member_of(member.name, document)


async def test_a_key_added_to_the_folder_ends_on_every_record_although_the_master_is_killed(
    folder: Path, etcd: EtcdServer
) -> None:
    keyring = folder / "keyring"
    keyring.mkdir()
    (keyring / "key1").write_text("passphrase one\n")
    settings = {"keyring_dir": str(keyring), "initial_key": "key1", "lock": PATIENT_LOCK}
    async with Cluster(folder, 2, etcd, **settings) as cluster:
        await cluster.cli("generate", "--records", RECORDS, "--inert", "--version", 4000000001)
        before = await cluster.cli("export")
        master = await cluster.start()
        assert ((await seen(master)).key_active, (await seen(master)).key_stored) == ("key1", "key1")
        (keyring / ".retired").write_text("{}")
        (keyring / "key2").write_text("passphrase two\n")
        for member in cluster.members:
            await until("it has loaded key2", lambda member=member: loaded(member, "key1", "key2"))  # type: ignore[misc]
        told = await seen(master)
        assert told.data is not None
        async with cluster.operator(master) as operator:
            await operator.set_active_key(
                "key2", told.data.generation, if_active=told.key_active, max_records_per_second=PACE
            )

        async def well_begun() -> bool:
            return (await seen(master)).key_counts.get("key2", 0) >= RECORDS / 8

        await until("an eighth of the records bears key2", well_begun)
        master.signal_child(signal.SIGKILL)
        successor = await cluster.master(*cluster.others(master))
        taken = await seen(successor)
        assert (taken.key_active, taken.key_stored, taken.key_pace) == ("key2", "", PACE)

        async def done() -> bool:
            return (await seen(successor)).key_stored == "key2"

        await until("all records bear key2", done)
        assert (await seen(successor)).key_counts == {"key2": RECORDS}
        (keyring / "key1").unlink()
        await until("the master lets key1 go", lambda: loaded(successor, "key2"))
        assert await cluster.stored() == before


async def loaded(member: Member, *labels: str) -> bool:
    """Exactly these."""
    document = await member.status()
    return document is not None and member_of(member.name, document).keys_loaded == labels

"""The configuration file of each program. Nothing secret: secrets are files that it names.

What counts only for an empty store is no input (`NO_INPUTS`): a new target or active key must not restart a member.
"""

from typing import Any

from controllers.api import Diego, EvacuationTimeoutPolicy
from controllers.api.cells import Pool
from controllers.render.names import PLAIN_PORTS, TLS_PORTS, Names
from controllers.render.pods import DIRECTORY, tls_section
from controllers.render.quantities import megabytes
from controllers.render.stores import bbs_store, locket_store

NO_INPUTS = ("initial_version", "initial_key")
KEYRING = f"{DIRECTORY}/keyring"


def bbs(diego: Diego, names: Names, initial_key: str) -> dict[str, Any]:
    """config.yaml of the BBS, the same for every member. `initial_key`: the label of the generated key."""
    found: dict[str, Any] = {
        **_ports("bbs"),
        "advertise_url": f"https://{{member}}.{names.host('bbs-members')}:{TLS_PORTS['bbs']}",
        "owner": f"{names.namespace}/{names.name}",
        "adoption_policy": str(diego.spec.store.adoption_policy),
        "target": "managed",
        "identity_file": f"{DIRECTORY}/identity/identity.json",
        "tls": tls_section(),
        "admin_common_names": ["diego-operator"],
        "keyring_dir": KEYRING,
        "initial_key": diego.spec.encryption.active_key if diego.spec.encryption else initial_key,
        "store": bbs_store(diego, names),
        "locket_address": f"{names.host('locket')}:{TLS_PORTS['locket']}",
        "auctioneer_address": f"https://{names.host('auctioneer')}:{TLS_PORTS['auctioneer']}",
        "log": {"level": "info"},
    }
    if diego.spec.target_data_version is not None:
        found["initial_version"] = diego.spec.target_data_version
    return found


def locket(diego: Diego, names: Names) -> dict[str, Any]:
    """config.yaml of Locket."""
    return {**_ports("locket"), "tls": tls_section(), "store": locket_store(diego, names), "log": {"level": "info"}}


def auctioneer(diego: Diego, names: Names) -> dict[str, Any]:
    """config.yaml of the auctioneer."""
    return {**_ports("auctioneer"), "tls": tls_section(), **_plane(names), "log": {"level": "info"}}


def cell(diego: Diego, names: Names, pool: Pool) -> dict[str, Any]:
    """config.yaml of the reps of one pool."""
    rollout = diego.spec.cells.rollout
    proceeds = rollout.on_evacuation_timeout is EvacuationTimeoutPolicy.PROCEED
    return {
        **_ports("cell"),
        "admin_address": "127.0.0.1:1800",
        "advertise_url": f"https://{{cell}}.{names.host('cells')}:{TLS_PORTS['cell']}",
        "zone": pool.zone,
        "capacity": {
            "memory_mb": megabytes(pool.capacity.memory),
            "disk_mb": megabytes(pool.capacity.disk),
            "containers": pool.capacity.containers,
        },
        "placement_tags": list(pool.placement_tags),
        "rootfs_providers": ["preloaded:cflinuxfs4"],
        **_plane(names),
        "bbs_members_address": names.host("bbs-members"),
        "tls": tls_section(),
        "evacuation_timeout": str(rollout.evacuation_timeout),
        "on_evacuation_timeout": "Kill" if proceeds else "Abort",
        "data_dir": "/var/lib/diego",
        "runtime": "outside",
        "runtime_socket": "/run/diego/runtime.sock",
        "log": {"level": "info"},
    }


def _ports(component: str) -> dict[str, str]:
    listen, health = f"0.0.0.0:{TLS_PORTS[component]}", f"0.0.0.0:{PLAIN_PORTS[component]}"
    return {"listen_address": listen, "health_address": health}


def _plane(names: Names) -> dict[str, str]:
    return {
        "bbs_address": f"https://{names.host('bbs')}:{TLS_PORTS['bbs']}",
        "locket_address": f"{names.host('locket')}:{TLS_PORTS['locket']}",
    }

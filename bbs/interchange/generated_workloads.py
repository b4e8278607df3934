"""What generated desired LRPs, running instances and tasks carry: the shape of a Cloud Foundry app's records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bbs.interchange.generation import Dice

_MEMORY = (64, 128, 256, 512, 1024, 2048)
_SERVICES = ("postgres", "rabbitmq", "redis", "s3", "überwachung")
_PYTHON = "https://blobs.service.internal/buildpack-python"


def _environment(dice: Dice, guid: str, memory_mb: int) -> list[dict[str, str]]:
    application = {
        "application_id": guid[:36],
        "application_name": f"app-{dice.below(10_000)}",
        "application_uris": [f"app-{guid[:8]}.apps.example.com"],
        "limits": {"fds": 16_384, "mem": memory_mb, "disk": 1024},
        "organization_name": f"org-{dice.below(20)}",
        "space_id": dice.guid(),
        "space_name": ("development", "staging", "production")[dice.below(3)],
    }
    service = dice.one(_SERVICES)
    services = {
        service: [{"name": f"{service}-{dice.below(100)}", "plan": "small", "credentials": {"ref": dice.guid()}}]
    }
    variables = {
        "VCAP_APPLICATION": json.dumps(application),
        "VCAP_SERVICES": json.dumps(services, ensure_ascii=False) if dice.below(2) else "{}",
        "MEMORY_LIMIT": f"{memory_mb}m",
        "LANG": "en_US.UTF-8",
        "PORT": "8080",
    }
    return [{"name": name, "value": value} for name, value in variables.items()]


def _egress(dice: Dice) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = [
        {"protocol": "tcp", "destinations": ["0.0.0.0/0"], "ports": [53, 443]},
        {"protocol": "udp", "destinations": ["0.0.0.0-9.255.255.255"], "port_range": {"start": 53, "end": 60}},
        {"protocol": "icmp", "destinations": ["10.0.0.0/8"], "icmp_info": {"type": 8, "code": 0}, "log": True},
        {"protocol": "all", "destinations": [f"10.{dice.below(256)}.0.0/16"], "annotations": ["space rule"]},
    ]
    return rules[: 1 + dice.below(4)]


def _start(dice: Dice) -> dict[str, Any]:
    run = {
        "path": "/tmp/lifecycle/launcher",
        "args": ["app", "python -m gunicorn app:app", "{}"],
        "env": [{"name": "PROCESS_TYPE", "value": "web"}],
        "resource_limits": {"nofile": 16_384},
        "user": "vcap",
        "log_source": "APP/PROC/WEB",
    }
    shell = {"path": "/tmp/lifecycle/diego-sshd", "args": ["-address=0.0.0.0:2222"], "user": "vcap"}
    return {"codependent": {"actions": [{"run": run}, {"run": shell}]}} if dice.below(3) else {"run": run}


def _monitor(dice: Dice) -> dict[str, Any]:
    check = {"path": "/tmp/lifecycle/healthcheck", "args": ["-port=8080"], "user": "vcap", "log_source": "HEALTH"}
    actions = [{"try": {"action": {"run": check}}}, {"emit_progress": {"action": {"run": check}, "start_message": "…"}}]
    return {"timeout": {"action": {"parallel": {"actions": actions}}, "timeout_ms": 1000 + dice.below(600_000)}}


def _download(dice: Dice) -> dict[str, Any]:
    digest = f"{dice.getrandbits(256):064x}"
    return {
        "artifact": "app package",
        "from": f"https://cc.service.internal:9023/internal/v4/droplets/{dice.guid()}/download",
        "to": ".",
        "cache_key": f"droplets-{digest[:40]}",
        "user": "vcap",
        "checksum_algorithm": "sha256",
        "checksum_value": digest,
    }


def _metric_tags(guid: str) -> dict[str, Any]:
    return {
        "source_id": {"static": guid},
        "app_name": {"static": f"app-{guid[:8]}"},
        "instance_id": {"dynamic": "INDEX"},
        "process_instance_id": {"dynamic": "INSTANCE_GUID"},
    }


def _sometimes(dice: Dice) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if dice.below(3) == 0:
        layer = {"name": "runtime", "url": f"{_PYTHON}-{dice.below(9)}", "destination_path": "/home/vcap/runtime"}
        layer |= {"layer_type": "SHARED", "media_type": "TGZ"}
        layer |= {"digest_algorithm": "SHA256", "digest_value": f"{dice.getrandbits(256):064x}"}
        members["image_layers"] = [layer]
    if dice.below(6) == 0:
        shared = {"volume_id": dice.guid(), "mount_config": json.dumps({"uid": 1000, "gid": 1000})}
        mount = {"driver": "nfsv3driver", "container_dir": "/var/vcap/data", "mode": "rw", "shared": shared}
        members["volume_mounts"] = [mount]
    if dice.below(6) == 0:
        members["sidecars"] = [{"action": _monitor(dice), "disk_mb": 64, "memory_mb": 32}]
    if dice.below(4) == 0:
        checks = [{"http_check": {"port": 8080, "path": "/health", "request_timeout_ms": 1000, "interval_ms": 2000}}]
        members["check_definition"] = {"checks": checks, "readiness_checks": [{"tcp_check": {"port": 8080}}]}
    return members


def desired_lrp(dice: Dice, guid: str, domain: str, rootfs: str, instances: int) -> dict[str, Any]:
    """A desired LRP by its JSON names; start timeouts are whole seconds, which is all that the oldest stores hold."""
    memory_mb = _MEMORY[dice.below(len(_MEMORY))]
    hostnames = [f"app-{guid[:8]}.apps.example.com"]
    routes: dict[str, Any] = {"cf-router": [{"hostnames": hostnames, "port": 8080, "options": {"loadbalancing": "rr"}}]}
    if dice.below(2):
        routes["diego-ssh"] = {"container_port": 2222, "host_fingerprint": dice.guid()}
        routes["internal-router"] = [{"hostname": f"app-{guid[:8]}.apps.internal"}]
    return _sometimes(dice) | {
        "process_guid": guid,
        "domain": domain,
        "rootfs": rootfs,
        "instances": instances,
        "env": _environment(dice, guid, memory_mb),
        "setup": {"serial": {"actions": [{"download": _download(dice)}]}},
        "action": _start(dice),
        "monitor": _monitor(dice),
        "disk_mb": 1024,
        "memory_mb": memory_mb,
        "cpu_weight": 1 + dice.below(100),
        "ports": [8080, 2222],
        "routes": routes,
        "log_source": "CELL",
        "log_guid": guid[:36],
        "metrics_guid": guid[:36],
        "annotation": f"{1_790_000_000 + dice.below(1_000_000)}.5",
        "egress_rules": _egress(dice),
        "legacy_download_user": "vcap",
        "trusted_system_certificates_path": "/etc/cf-system-certificates",
        "network": {"properties": {"app_id": guid[:36], "policy_group_id": guid[:36]}},
        "start_timeout_ms": 1000 * (60 + dice.below(120)),
        "placement_tags": ["isolated"] if dice.below(8) == 0 else [],
        "max_pids": 1024,
        "certificate_properties": {"organizational_unit": [f"app:{guid[:36]}"]},
        "metric_tags": _metric_tags(guid[:36]),
        "log_rate_limit": {"bytes_per_second": 16_384 if dice.below(2) else -1},
    }


def running(dice: Dice, guid: str) -> dict[str, Any]:
    """What an actual LRP carries while it runs."""
    host_port = 61_000 + dice.below(900)
    ports = [
        {
            "container_port": 8080,
            "host_port": host_port,
            "container_tls_proxy_port": 61_001,
            "host_tls_proxy_port": host_port + 1,
        },
        {"container_port": 2222, "host_port": host_port + 2, "container_tls_proxy_port": 61_002},
    ]
    return {
        "address": f"10.0.{dice.below(250)}.{1 + dice.below(250)}",
        "ports": ports,
        "instance_address": f"10.255.{dice.below(250)}.{1 + dice.below(250)}",
        "preferred_address": "HOST",
        "actual_lrp_internal_routes": [{"hostname": f"app-{guid[:8]}.apps.internal"}],
        "metric_tags": {"source_id": guid[:36], "instance_id": "0"},
        "OptionalRoutable": {"routable": dice.below(10) > 0},
        "availability_zone": f"z{1 + dice.below(3)}",
        "crash_count": dice.below(3),
    }


def task_definition(dice: Dice, guid: str, rootfs: str) -> dict[str, Any]:
    """A task's definition by its JSON names."""
    memory_mb = _MEMORY[dice.below(len(_MEMORY))]
    steps = [
        {"download": _download(dice)},
        _monitor(dice),
        {"run": {"path": "/bin/sh", "args": ["-c", "rake db:migrate"], "user": "vcap"}},
    ]
    return {
        "rootfs": rootfs,
        "env": _environment(dice, guid, memory_mb),
        "action": {"serial": {"actions": steps}},
        "disk_mb": 2048,
        "memory_mb": memory_mb,
        "log_source": "STG",
        "log_guid": guid,
        "metrics_guid": guid,
        "result_file": "/tmp/result.json",
        "annotation": json.dumps({"lifecycle": "buildpack"}),
        "egress_rules": _egress(dice),
        "max_pids": 1024,
        "image_layers": _sometimes(dice).get("image_layers", []),
        "certificate_properties": {"organizational_unit": [f"task:{guid}"]},
        "metric_tags": _metric_tags(guid),
        "log_rate_limit": {"bytes_per_second": -1},
    }

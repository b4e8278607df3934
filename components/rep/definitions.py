"""From the BBS's definition of an LRP or a task to what the runtime is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from bbs.wire import container_pb2, desired_lrp_pb2, task_pb2
from components.rep.runtime.protocol import Spec

DEFAULT_START_TIMEOUT_S = 60.0
DEEPEST = 100


class Unsupported(Exception):
    """The definition asks for what this cell can't do; the text says what."""


def of_lrp(lrp: desired_lrp_pb2.DesiredLRP, guid: str, index: int, address: str) -> Spec:
    """What to run for one instance. Raises Unsupported."""
    ports = list(lrp.ports)
    return Spec(
        setup=action(lrp.setup) if lrp.setup else None,
        action=action(lrp.action),
        environment=[*_identity(guid, index, address, ports), *_variables(lrp.environment_variables)],
        ports=ports,
        start_timeout_s=lrp.start_timeout_ms / 1000 if lrp.start_timeout_ms else DEFAULT_START_TIMEOUT_S,
        long_running=True,
        result_file="",
    )


def of_task(definition: task_pb2.TaskDefinition) -> Spec:
    """What to run for a task. Raises Unsupported."""
    return Spec(
        setup=None,
        action=action(definition.action),
        environment=_variables(definition.environment_variables),
        ports=[],
        start_timeout_s=0.0,
        long_running=False,
        result_file=definition.result_file,
    )


def metric_tags(lrp: desired_lrp_pb2.DesiredLRP, guid: str, index: int) -> dict[str, str]:
    """The LRP's tags with the dynamic ones filled in."""
    dynamic = {container_pb2.MetricTagValue.INDEX: str(index), container_pb2.MetricTagValue.INSTANCE_GUID: guid}
    return {name: tag.static or dynamic.get(tag.dynamic, "") for name, tag in lrp.metric_tags.items()}


def internal_routes(lrp: desired_lrp_pb2.DesiredLRP) -> list[str]:
    """Host names of the `internal-router` route."""
    routes = lrp.routes.routes.get("internal-router")
    if not routes:
        return []
    try:
        parsed = orjson.loads(routes)
    except orjson.JSONDecodeError:
        return []
    return [str(each["hostname"]) for each in parsed or [] if isinstance(each, dict) and "hostname" in each]


def action(encoded: bytes, depth: int = 0) -> dict[str, Any]:
    """An encoded Action as a tree of plain values. Raises Unsupported."""
    if depth > DEEPEST:
        raise Unsupported(f"actions nested deeper than {DEEPEST}")
    message = container_pb2.Action.FromString(encoded)
    fields = [field.name for field, _ in message.ListFields()]
    if len(fields) != 1:
        raise Unsupported(f"an action with {len(fields)} members; wanted exactly one")
    kind, inner = fields[0].removesuffix("_action"), getattr(message, fields[0])
    match kind:
        case "run":
            return _run(inner)
        case "serial" | "parallel" | "codependent":
            return {"kind": kind, "actions": [action(each, depth + 1) for each in inner.actions]}
        case "timeout":
            limit = inner.timeout_ms / 1e3 or inner.deprecated_timeout_ns / 1e9
            return {"kind": kind, "timeout_s": limit, "action": action(inner.action, depth + 1)}
        case "try" | "emit_progress":
            return {"kind": kind, "action": action(inner.action, depth + 1)}
        case _:
            raise Unsupported(f"{fields[0]}; this cell runs programs that are in its own image")


def _run(run: container_pb2.RunAction) -> dict[str, Any]:
    return {
        "kind": "run",
        "path": run.path,
        "args": list(run.args),
        "directory": run.dir,
        "environment": _variables(run.env),
        "quiet": run.suppress_log_output,
        "log_source": run.log_source,
    }


def _variables(variables: Iterable[container_pb2.EnvironmentVariable]) -> list[tuple[str, str]]:
    return [(variable.name, variable.value) for variable in variables]


def _identity(guid: str, index: int, address: str, ports: list[int]) -> list[tuple[str, str]]:
    """What every instance is told about itself. `{host_port:N}` is filled in by the runtime, which alone knows it.

    PORT is always set: processes of one cell share its network, so an app has to listen where it is told.
    """
    first = f"{{host_port:{ports[0]}}}" if ports else ""
    mappings = ",".join(f'{{"external":{{host_port:{port}}},"internal":{port}}}' for port in ports)
    values = {
        "INSTANCE_GUID": guid,
        "INSTANCE_INDEX": str(index),
        "CF_INSTANCE_GUID": guid,
        "CF_INSTANCE_INDEX": str(index),
        "CF_INSTANCE_IP": address,
        "CF_INSTANCE_INTERNAL_IP": address,
        "CF_INSTANCE_PORT": first,
        "CF_INSTANCE_ADDR": f"{address}:{first}" if ports else "",
        "CF_INSTANCE_PORTS": f"[{mappings}]",
        "PORT": first,
    }
    return list(values.items())

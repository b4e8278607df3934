"""What the runtime is told of an LRP's definition."""

from __future__ import annotations

import pytest

from bbs.wire import container_pb2 as wire
from components.rep import definitions
from tests.components import apps


def encoded(**member: object) -> bytes:
    return wire.Action(**member).SerializeToString()  # type: ignore[arg-type]


def test_an_instance_is_told_who_and_where_it_is() -> None:
    spec = definitions.of_lrp(apps.app("app"), "ig-1", 3, "10.0.0.5")
    told = dict(spec["environment"])
    assert told["INSTANCE_GUID"] == told["CF_INSTANCE_GUID"] == "ig-1"
    assert told["INSTANCE_INDEX"] == told["CF_INSTANCE_INDEX"] == "3"
    assert told["PORT"] == "{host_port:8080}"
    assert told["CF_INSTANCE_ADDR"] == "10.0.0.5:{host_port:8080}"
    assert told["CF_INSTANCE_PORTS"] == '[{"external":{host_port:8080},"internal":8080}]'


def test_actions_become_a_tree_of_plain_values() -> None:
    inner = apps.run("true")
    timeout = encoded(timeout_action=wire.TimeoutAction(action=inner, timeout_ms=1500))
    tree = definitions.action(encoded(serial_action=wire.SerialAction(actions=[timeout])))
    assert tree["kind"] == "serial"
    assert tree["actions"][0]["timeout_s"] == 1.5
    assert tree["actions"][0]["action"]["path"] == "/bin/sh"


@pytest.mark.parametrize(
    "action",
    [b"", encoded(download_action=wire.DownloadAction(to="/x", **{"from": "http://x"}))],
    ids=["none", "download"],
)
def test_what_the_cell_can_not_do_is_refused_with_words(action: bytes) -> None:
    with pytest.raises(definitions.Unsupported):
        definitions.action(action)


def test_actions_nested_without_end_are_refused() -> None:
    action = apps.run("true")
    for _ in range(200):
        action = encoded(try_action=wire.TryAction(action=action))
    with pytest.raises(definitions.Unsupported, match="nested deeper"):
        definitions.action(action)


def test_dynamic_tags_are_filled_in() -> None:
    lrp = apps.app("app")
    lrp.metric_tags["source_id"].static = "s"
    lrp.metric_tags["guid"].dynamic = wire.MetricTagValue.INSTANCE_GUID
    assert definitions.metric_tags(lrp, "ig-1", 2) == {"source_id": "s", "index": "2", "guid": "ig-1"}


def test_internal_routes_are_read_from_the_routes() -> None:
    lrp = apps.app("app")
    lrp.routes.routes["internal-router"] = b'[{"hostname":"a.apps.internal"}]'
    assert definitions.internal_routes(lrp) == ["a.apps.internal"]

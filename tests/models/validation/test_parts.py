"""Layers, dependencies, sidecars, mounts, checks, environment: each rule, and each part named before its failures."""

import pytest

from bbs.wire import container_pb2 as wire
from tests.models import requests
from tests.models.validation.refusals import desired_refusal, task_refusal

LAYER = {"url": "u", "destination_path": "d", "layer_type": 1, "media_type": 1}
BAD_RUN = wire.Action(run_action=wire.RunAction()).SerializeToString()


def layer(**members: object) -> wire.ImageLayer:
    return wire.ImageLayer(**{**LAYER, **members})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({}, ""),
        ({"url": ""}, "url"),
        ({"destination_path": ""}, "destination_path"),
        ({"layer_type": 0}, "layer_type"),
        ({"layer_type": 3}, "layer_type"),
        ({"media_type": 0}, "media_type"),
        ({"media_type": 2}, ""),
        ({"media_type": 3}, ""),
        ({"media_type": 4}, "media_type"),
        ({"digest_algorithm": 1, "digest_value": "v"}, ""),
        ({"digest_algorithm": 2, "digest_value": "v"}, ""),
        ({"digest_algorithm": 3, "digest_value": "v"}, "digest_algorithm"),
        ({"digest_algorithm": 1}, "digest_value"),
        ({"digest_value": "v"}, "digest_algorithm, digest_algorithm"),
        ({"layer_type": 2}, "digest_algorithm, digest_value"),
        ({"layer_type": 2, "digest_algorithm": 2, "digest_value": "v"}, ""),
        (
            {"url": "", "destination_path": "", "layer_type": 0, "media_type": 0},
            "url, destination_path, layer_type, media_type",
        ),
    ],
)
def test_a_layer_is_complete(members: dict[str, object], refused: str) -> None:
    expected = f"image_layer, {refused}" if refused else ""
    assert desired_refusal(image_layers=[layer(**members)], legacy_download_user="u") == expected
    assert task_refusal(image_layers=[layer(**members)], legacy_download_user="u") == expected


def test_each_layer_is_named_and_one_exclusive_layer_wants_a_user() -> None:
    layers = [layer(url=""), layer(), layer(layer_type=2)]
    expected = "image_layer, url, image_layer, digest_algorithm, digest_value, legacy_download_user"
    assert desired_refusal(image_layers=layers) == expected
    assert task_refusal(image_layers=layers) == expected


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({"from": "f", "to": "t"}, ""),
        ({}, "from, to"),
        ({"from": "f"}, "to"),
        ({"from": "f", "to": "t", "checksum_value": "v"}, "checksum algorithm"),
        ({"from": "f", "to": "t", "checksum_algorithm": "md5"}, "checksum value"),
        ({"from": "f", "to": "t", "checksum_algorithm": "x", "checksum_value": "v"}, "invalid algorithm"),
        ({"from": "f", "to": "t", "checksum_algorithm": "SHA1", "checksum_value": "v"}, ""),
        ({"checksum_value": "v"}, "from, to, checksum algorithm"),
    ],
)
def test_a_cached_dependency_has_both_ends_and_a_whole_checksum(members: dict[str, str], refused: str) -> None:
    dependency = wire.CachedDependency(**members)
    expected = f"cached_dependency, {refused}" if refused else ""
    assert desired_refusal(cached_dependencies=[dependency]) == expected
    assert task_refusal(cached_dependencies=[dependency]) == expected


def test_each_cached_dependency_is_named() -> None:
    both = [wire.CachedDependency(to="t"), wire.CachedDependency(**{"from": "f"})]
    assert desired_refusal(cached_dependencies=both) == "cached_dependency, from, cached_dependency, to"


@pytest.mark.parametrize(
    ("sidecar", "refused"),
    [
        (wire.Sidecar(action=requests.RUN), ""),
        (wire.Sidecar(), "invalid action type"),
        (wire.Sidecar(action=b""), "action, inner-action"),
        (wire.Sidecar(action=BAD_RUN), "action, path, user"),
        (wire.Sidecar(action=requests.RUN, memory_mb=-1), "memory_mb"),
        (wire.Sidecar(action=requests.RUN, disk_mb=-1), "disk_mb"),
        (wire.Sidecar(memory_mb=-1, disk_mb=-1), "invalid action type, memory_mb, disk_mb"),
    ],
)
def test_a_sidecar_runs_something_in_no_negative_space(sidecar: wire.Sidecar, refused: str) -> None:
    assert desired_refusal(sidecars=[sidecar]) == (f"sidecars, {refused}" if refused else "")


def test_each_sidecar_is_named() -> None:
    assert desired_refusal(sidecars=[wire.Sidecar(), wire.Sidecar(action=requests.RUN), wire.Sidecar()]) == (
        "sidecars, invalid action type, sidecars, invalid action type"
    )


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({"driver": "d", "mode": "r"}, ""),
        ({"driver": "d", "mode": "rw"}, ""),
        ({"driver": "d", "mode": "RW"}, "invalid volume_mount mode"),
        ({}, "invalid volume_mount driver, invalid volume_mount mode"),
        ({"driver": "d", "mode": "r", "shared": wire.SharedDevice()}, "invalid volume_mount volume id"),
        ({"driver": "d", "mode": "r", "shared": wire.SharedDevice(volume_id="v")}, ""),
        ({"driver": "d", "mode": "r", "dedicated": wire.DedicatedDevice()}, "invalid volume_mount mounter id"),
        ({"driver": "d", "mode": "r", "dedicated": wire.DedicatedDevice(mounter_id="m")}, ""),
    ],
)
def test_a_mount_names_its_driver_its_mode_and_its_device(members: dict[str, object], refused: str) -> None:
    assert desired_refusal(volume_mounts=[wire.VolumeMount(**members)]) == refused  # type: ignore[arg-type]


@pytest.mark.parametrize("list_", ["checks", "readiness_checks"])
@pytest.mark.parametrize(
    ("check", "refused"),
    [
        (wire.Check(), "port"),
        (wire.Check(tcp_check=wire.TCPCheck(port=0)), "port"),
        (wire.Check(tcp_check=wire.TCPCheck(port=1)), ""),
        (wire.Check(tcp_check=wire.TCPCheck(port=65535)), ""),
        (wire.Check(tcp_check=wire.TCPCheck(port=65536)), "port"),
        (wire.Check(http_check=wire.HTTPCheck(port=0)), "port"),
        (wire.Check(http_check=wire.HTTPCheck(port=65535)), ""),
        (wire.Check(http_check=wire.HTTPCheck(port=65536)), "port"),
        (wire.Check(tcp_check=wire.TCPCheck(port=1), http_check=wire.HTTPCheck(port=1)), "check"),
    ],
)
def test_a_check_is_of_one_kind_on_a_port_that_exists(list_: str, check: wire.Check, refused: str) -> None:
    definition = wire.CheckDefinition(**{list_: [check]})  # type: ignore[arg-type]
    assert desired_refusal(check_definition=definition) == (f"check_definition, {refused}" if refused else "")


def test_a_check_definition_may_be_empty() -> None:
    assert desired_refusal(check_definition=wire.CheckDefinition()) == ""


def test_each_variable_without_a_name_is_told() -> None:
    variables = [wire.EnvironmentVariable(value="v"), wire.EnvironmentVariable(name="n"), wire.EnvironmentVariable()]
    blank = "invalid field: name cannot be blank"
    assert desired_refusal(environment_variables=variables) == f"{blank}, {blank}"

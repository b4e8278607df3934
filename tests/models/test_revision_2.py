"""What clients of revision 2 read instead of image layers."""

from __future__ import annotations

import pytest

from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.models.board import Board

Action, Layer = container.Action, container.ImageLayer
SHA256, SHA512 = Layer.SHA256, Layer.SHA512
OLD = Action(run_action=container.RunAction(path="/old", user="vcap"))


def layer(name: str, kind: int, algorithm: int = 0, digest: str = "") -> Layer:
    return Layer(
        name=name,
        url=f"http://{name}",
        destination_path=f"/{name}",
        layer_type=kind,  # type: ignore[arg-type]
        media_type=Layer.TGZ,
        digest_algorithm=algorithm,  # type: ignore[arg-type]
        digest_value=digest,
    )


def shared(name: str, algorithm: int = 0, digest: str = "") -> Layer:
    return layer(name, Layer.SHARED, algorithm, digest)


def exclusive(name: str, algorithm: int = SHA256, digest: str = "abc") -> Layer:
    return layer(name, Layer.EXCLUSIVE, algorithm, digest)


def dependency(name: str, cache_key: str, algorithm: str = "", value: str = "") -> container.CachedDependency:
    return container.CachedDependency(
        **{"name": name, "from": f"http://{name}", "to": f"/{name}"},  # type: ignore[arg-type]
        cache_key=cache_key,
        checksum_algorithm=algorithm,
        checksum_value=value,
    )


def download(name: str, cache_key: str, algorithm: str, value: str) -> bytes:
    given = {"artifact": name, "from": f"http://{name}", "to": f"/{name}"}
    action = container.DownloadAction(
        **given,  # type: ignore[arg-type]
        cache_key=cache_key,
        user="vcap",
        checksum_algorithm=algorithm,
        checksum_value=value,
    )
    return Action(download_action=action).SerializeToString()


def parallel(*actions: bytes) -> bytes:
    return Action(parallel_action=container.ParallelAction(actions=actions)).SerializeToString()


def serial(*actions: bytes) -> bytes:
    return Action(serial_action=container.SerialAction(actions=actions)).SerializeToString()


def lrp_r2(*layers: Layer, **members: object) -> desired.DesiredLRP:
    board, request = Board(), requests.lrp(image_layers=layers, legacy_download_user="vcap", **members)
    assert board.post("/desired_lrp/desire.r2", request) == b""
    listed = desired.DesiredLRPsResponse.FromString(board.post("/desired_lrps/list.r2")).desired_lrps[0]
    by_guid = board.post(
        "/desired_lrps/get_by_process_guid.r2", desired.DesiredLRPByProcessGuidRequest(process_guid="pg")
    )
    assert desired.DesiredLRPResponse.FromString(by_guid).desired_lrp == listed
    assert len(board.desired().image_layers) == len(layers), "a conversion applies to a copy"
    return listed


def task_r2(*layers: Layer) -> task.TaskDefinition:
    board, request = Board(), requests.desire_task()
    request.task_definition.image_layers.extend(layers)
    request.task_definition.legacy_download_user = "vcap"
    assert board.post("/tasks/desire.r2", request) == b""
    listed = task.TasksResponse.FromString(board.post("/tasks/list.r2")).tasks[0]
    by_guid = board.post("/tasks/get_by_task_guid.r2", task.TaskByGuidRequest(task_guid="t"))
    assert task.TaskResponse.FromString(by_guid).task == listed
    return listed.task_definition


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (shared("s"), dependency("s", "http://s")),
        (shared("s", SHA256, "abc"), dependency("s", "sha256:abc", "sha256", "abc")),
        (shared("s", SHA512, "def"), dependency("s", "sha512:def", "sha512", "def")),
    ],
)
def test_a_shared_layer_becomes_a_cached_dependency(given: Layer, expected: container.CachedDependency) -> None:
    for converted in (lrp_r2(given), task_r2(given)):
        assert list(converted.cached_dependencies) == [expected]
        assert len(converted.image_layers) == 0


def test_dependencies_of_layers_come_in_their_order_before_those_there_were() -> None:
    own = dependency("own", "key")
    own.log_source = "LOG"
    converted = lrp_r2(shared("b"), exclusive("x"), shared("a"), cached_dependencies=[own])
    assert list(converted.cached_dependencies) == [dependency("b", "http://b"), dependency("a", "http://a"), own]


def test_exclusive_layers_are_downloaded_at_once_and_before_the_setup_there_was() -> None:
    downloads = parallel(
        download("a", "sha256:abc", "sha256", "abc"),
        download("b", "sha512:def", "sha512", "def"),
    )
    layers = exclusive("a"), shared("s"), exclusive("b", SHA512, "def")
    assert lrp_r2(*layers).setup == downloads
    assert lrp_r2(*layers, setup=OLD.SerializeToString()).setup == serial(downloads, OLD.SerializeToString())


def test_a_task_downloads_its_exclusive_layers_before_its_action() -> None:
    downloads = parallel(download("a", "sha256:abc", "sha256", "abc"))
    assert task_r2(exclusive("a")).action == serial(downloads, requests.RUN)


def test_shared_layers_leave_setup_and_action_alone() -> None:
    assert not lrp_r2(shared("s")).HasField("setup")
    assert lrp_r2(shared("s"), setup=OLD.SerializeToString()).setup == OLD.SerializeToString()
    assert task_r2(shared("s")).action == requests.RUN


def test_metrics_are_filled_in_after_the_conversion() -> None:
    assert lrp_r2(shared("s")).metrics_guid == "pg"


def test_what_revision_3_reads_has_its_layers() -> None:
    board = Board()
    board.post("/desired_lrp/desire.r2", requests.lrp(image_layers=[shared("s")], legacy_download_user="vcap"))
    listed = desired.DesiredLRPsResponse.FromString(board.post("/desired_lrps/list.r3")).desired_lrps[0]
    assert (len(listed.image_layers), len(listed.cached_dependencies)) == (1, 0)

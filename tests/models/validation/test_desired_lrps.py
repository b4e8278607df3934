"""Desired LRP and update: each limit below, at and above its bound, and all failures in their order."""

import pytest

from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from tests.models import requests
from tests.models.board import Board, error_name
from tests.models.validation.refusals import INVALID, desired_refusal, refusal

ROUTES = 128 * 1024
ANNOTATION = 10 * 1024
MOUNTED = 1024 * 1024
NO_TAG = "metric_tags, static, dynamic"


def tagged(metrics_guid: str = "", **tags: container.MetricTagValue) -> str:
    return desired_refusal(desired.DesiredLRP(metrics_guid=metrics_guid, metric_tags=tags))


def tag(static: str = "", dynamic: int = 0) -> container.MetricTagValue:
    return container.MetricTagValue(static=static, dynamic=dynamic)  # type: ignore[arg-type]


def routed(*sizes: int) -> desired.ProtoRoutes:
    """Routes whose values have these many bytes together with their quotation marks."""
    return desired.ProtoRoutes(routes={f"key-{at}": b'"' + b"r" * (size - 2) + b'"' for at, size in enumerate(sizes)})


def mounted(*sizes: int) -> desired.DesiredLRP:
    files = [container.File(path="/etc/a", content="c" * size) for size in sizes]
    return desired.DesiredLRP(volume_mounted_files=files)


def updated(**members: object) -> str:
    change = desired.DesiredLRPUpdate(**members)  # type: ignore[arg-type]
    return refusal("/desired_lrp/update", desired.UpdateDesiredLRPRequest(process_guid="pg", update=change))


@pytest.mark.parametrize("name", ["instances", "memory_mb", "disk_mb", "max_pids"])
@pytest.mark.parametrize(("value", "refused"), [(-(2**31), True), (-1, True), (0, False), (1, False)])
def test_no_number_is_negative(name: str, value: int, refused: bool) -> None:
    lrp = desired.DesiredLRP(**{name: value})  # type: ignore[arg-type]
    assert desired_refusal(lrp) == (name if refused else "")


@pytest.mark.parametrize(
    ("limit", "refused"),
    [(-2, "log_rate_limit_bytes_per_second, log_rate_limit"), (-1, ""), (0, ""), (1, "")],
)
def test_a_log_rate_is_unlimited_or_not_negative(limit: int, refused: str) -> None:
    assert desired_refusal(log_rate_limit=container.LogRateLimit(bytes_per_second=limit)) == refused


@pytest.mark.parametrize(
    ("annotation", "refused"),
    [
        ("a" * ANNOTATION, False),
        ("a" * (ANNOTATION + 1), True),
        ("é" * (ANNOTATION // 2), False),
        ("é" * (ANNOTATION // 2) + "a", True),
    ],
)
def test_an_annotation_is_measured_in_bytes(annotation: str, refused: bool) -> None:
    expected = "annotation" if refused else ""
    assert desired_refusal(annotation=annotation) == expected
    assert updated(annotation=annotation) == expected


@pytest.mark.parametrize(
    ("sizes", "refused"),
    [
        ((ROUTES,), False),
        ((ROUTES + 1,), True),
        ((ROUTES // 2, ROUTES // 2), False),
        ((ROUTES // 2, ROUTES // 2 + 1), True),
    ],
)
def test_route_values_are_measured_together_without_their_keys(sizes: tuple[int, ...], refused: bool) -> None:
    expected = "routes" if refused else ""
    assert desired_refusal(routes=routed(*sizes)) == expected
    assert updated(routes=routed(*sizes)) == expected


@pytest.mark.parametrize(
    ("sizes", "refused"),
    [((MOUNTED,), False), ((MOUNTED + 1,), True), ((MOUNTED, 1), True), ((MOUNTED // 2, MOUNTED // 2), False)],
)
def test_mounted_files_are_measured_together_and_told_twice(sizes: tuple[int, ...], refused: bool) -> None:
    assert desired_refusal(mounted(*sizes)) == ("volumeMountedFiles, volumeMountedFiles" if refused else "")


@pytest.mark.parametrize(
    ("guid", "valid"),
    [
        ("a", True),
        ("aZ09_-", True),
        ("", False),
        ("a b", False),
        ("a\n", False),
        ("a.b", False),
        ("é", False),
        ("٣", False),
    ],
)
def test_a_process_guid_is_of_letters_digits_and_two_marks(guid: str, valid: bool) -> None:
    request = requests.lrp("pg")
    request.desired_lrp.process_guid = guid
    assert refusal("/desired_lrp/desire.r2", request) == ("" if valid else "process_guid")


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        (tag(), NO_TAG),
        (tag("a", 1), NO_TAG),
        (tag("a", 2), NO_TAG),
        (tag("", 9), NO_TAG),
        (tag("a"), ""),
        (tag("", 1), ""),
        (tag("", 2), ""),
        (tag("a", 9), ""),
    ],
)
def test_a_metric_tag_is_static_or_of_a_known_kind(value: container.MetricTagValue, refused: str) -> None:
    assert tagged(t=value) == refused
    assert updated(metric_tags={"t": value}) == refused


def test_metric_tags_are_named_once_before_all_their_failures() -> None:
    assert tagged(a=tag(), b=tag("x", 1)) == "metric_tags, static, dynamic, static, dynamic"


@pytest.mark.parametrize(
    ("guid", "tags", "refused"),
    [
        ("g", {"source_id": tag("g")}, ""),
        ("g", {"source_id": tag("h")}, "metric_tags, source_id should match metrics_guid"),
        ("g", {"source_id": tag("", 1)}, "metric_tags, source_id should match metrics_guid"),
        ("g", {"other": tag("g")}, "metric_tags, source_id should match metrics_guid"),
        ("g", {"other": tag()}, "metric_tags, static, dynamic, source_id should match metrics_guid"),
        ("", {"source_id": tag("h")}, ""),
    ],
)
def test_the_tag_source_id_equals_the_metrics_guid(
    guid: str, tags: dict[str, container.MetricTagValue], refused: str
) -> None:
    assert tagged(guid, **tags) == refused


def test_an_update_of_tags_knows_no_metrics_guid() -> None:
    assert updated(metric_tags={"source_id": tag("any")}) == ""


def test_a_desire_without_metric_tags_is_refused_whatever_its_metrics_guid() -> None:
    request = requests.lrp(metrics_guid="g")
    request.desired_lrp.ClearField("metric_tags")
    assert refusal("/desired_lrp/desire.r2", request) == "metric_tags"


def test_an_empty_lrp_is_refused_with_everything_it_lacks() -> None:
    assert refusal("/desired_lrp/desire.r2", desired.DesireLRPRequest(desired_lrp=desired.DesiredLRP())) == (
        "domain, rootfs, rootfs, metric_tags, domain, process_guid, invalid action type"
    )


def test_all_failures_come_in_one_message_in_order() -> None:
    lrp = desired.DesiredLRP(
        process_guid="a b",
        root_fs="foo",
        instances=-1,
        memory_mb=-1,
        disk_mb=-1,
        max_pids=-1,
        log_rate_limit=container.LogRateLimit(bytes_per_second=-2),
        annotation="a" * (ANNOTATION + 1),
        routes=routed(ROUTES + 1),
        metric_tags={"t": tag()},
        environment_variables=[container.EnvironmentVariable(value="v")],
        egress_rules=[container.SecurityGroupRule(destinations=["1.1.1.1"])],
        cached_dependencies=[container.CachedDependency(to="t")],
        image_layers=[container.ImageLayer(destination_path="d", layer_type="SHARED", media_type="TGZ")],
        sidecars=[container.Sidecar(action=requests.RUN, memory_mb=-1)],
        volume_mounts=[container.VolumeMount(driver="d", mode="x")],
        check_definition=container.CheckDefinition(checks=[container.Check()]),
        image_password="p",
        volume_mounted_files=[container.File(content="c" * (MOUNTED + 1))],
    )
    assert refusal("/desired_lrp/desire.r2", desired.DesireLRPRequest(desired_lrp=lrp)).split(", ") == [
        *("volumeMountedFiles", "domain", "rootfs", "instances", "memory_mb", "disk_mb", "max_pids"),
        *("log_rate_limit_bytes_per_second", "log_rate_limit", "annotation", "routes", "metric_tags", "static"),
        *("dynamic", "domain", "process_guid", "invalid action type", "invalid field: name cannot be blank"),
        *("egress_rules", "protocol", "cached_dependency", "from", "image_layer", "url", "sidecars", "memory_mb"),
        *("invalid volume_mount mode", "check_definition", "port", "image_username", "volumeMountedFiles"),
    ]


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({"image_username": "u"}, "image_password"),
        ({"image_password": "p"}, "image_username"),
        ({"image_username": "u", "image_password": "p"}, ""),
    ],
)
def test_image_credentials_come_together_or_not_at_all(members: dict[str, str], refused: str) -> None:
    assert desired_refusal(**members) == refused
    assert updated(**members) == refused


def test_credentials_of_an_update_may_be_given_empty_but_both() -> None:
    assert updated(image_username="", image_password="") == ""
    assert updated(image_username="") == "image_password"


@pytest.mark.parametrize(("instances", "refused"), [(-1, "instances"), (0, ""), (1, "")])
def test_an_update_wants_no_negative_number_of_instances(instances: int, refused: str) -> None:
    assert updated(instances=instances) == refused


def test_the_failures_of_an_update_come_in_one_message_in_order() -> None:
    change = desired.DesiredLRPUpdate(
        instances=-1,
        annotation="a" * (ANNOTATION + 1),
        routes=routed(ROUTES + 1),
        metric_tags={"t": tag()},
        image_username="u",
    )
    assert refusal("/desired_lrp/update", desired.UpdateDesiredLRPRequest(update=change)) == (
        "process_guid, instances, annotation, routes, metric_tags, static, dynamic, image_password"
    )


def test_what_is_not_looked_at_may_be_anything() -> None:
    lrp = desired.DesiredLRP(
        log_guid="a b",
        log_source="\t",
        ports=[0, 70000],
        start_timeout_ms=-1,
        cpu_weight=4_000_000_000,
        PlacementTags=[""],
        update_strategy=7,  # type: ignore[arg-type]
        environment_variables=[container.EnvironmentVariable(name="a=b", value="v" * 200_000)],
    )
    assert desired_refusal(lrp) == ""


def test_an_update_without_its_update_is_invalid_only_where_there_is_something_to_update() -> None:
    board = Board()
    bare = desired.UpdateDesiredLRPRequest(process_guid="pg")
    assert error_name(board.post("/desired_lrp/update", bare)) == "ResourceNotFound"
    board.post("/desired_lrp/desire.r2", requests.lrp())
    assert error_name(board.post("/desired_lrp/update", bare)) == "InvalidRequest"


@pytest.mark.parametrize("value", [b"{bad", b"", b"null"])
def test_a_route_value_that_is_no_json_is_told_in_general_words(value: bytes) -> None:
    assert desired_refusal(routes=desired.ProtoRoutes(routes={"k": value})) == INVALID

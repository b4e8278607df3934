"""Task definition: its limits, what of it is not looked at, and the order of several failures."""

import pytest

from bbs.wire import container_pb2 as wire
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.models.validation.refusals import refusal, task_refusal


@pytest.mark.parametrize("name", ["memory_mb", "disk_mb", "max_pids"])
@pytest.mark.parametrize(("value", "refused"), [(-1, True), (0, False), (1, False)])
def test_no_number_is_negative(name: str, value: int, refused: bool) -> None:
    assert task_refusal(**{name: value}) == (name if refused else "")


@pytest.mark.parametrize(("limit", "refused"), [(-2, "log_rate_limit"), (-1, ""), (0, "")])
def test_a_log_rate_is_unlimited_or_not_negative(limit: int, refused: str) -> None:
    assert task_refusal(log_rate_limit=wire.LogRateLimit(bytes_per_second=limit)) == refused


@pytest.mark.parametrize(("length", "refused"), [(10_240, ""), (10_241, "annotation")])
def test_an_annotation_has_at_most_ten_kibibytes(length: int, refused: str) -> None:
    assert task_refusal(annotation="a" * length) == refused


@pytest.mark.parametrize(
    ("members", "refused"),
    [({"image_username": "u"}, "image_password"), ({"image_password": "p"}, "image_username")],
)
def test_image_credentials_come_together(members: dict[str, str], refused: str) -> None:
    assert task_refusal(**members) == refused


@pytest.mark.parametrize("root_fs", ["", "foo", ":foo"])
def test_a_root_file_system_is_told_once(root_fs: str) -> None:
    assert task_refusal(root_fs=root_fs) == "rootfs"


def test_an_empty_definition_lacks_root_file_system_and_action() -> None:
    request = task.DesireTaskRequest(task_guid="t", domain="d", task_definition=task.TaskDefinition())
    assert refusal("/tasks/desire.r2", request) == "rootfs, invalid action type"


def test_all_failures_come_in_one_message_in_order() -> None:
    definition = task.TaskDefinition(
        root_fs="foo",
        action=wire.Action(run_action=wire.RunAction(path="p")).SerializeToString(),
        memory_mb=-1,
        disk_mb=-1,
        log_rate_limit=wire.LogRateLimit(bytes_per_second=-2),
        max_pids=-1,
        annotation="a" * 10_241,
        egress_rules=[wire.SecurityGroupRule()],
        image_username="u",
        cached_dependencies=[wire.CachedDependency(to="t")],
        image_layers=[wire.ImageLayer(destination_path="d", layer_type="SHARED", media_type="TGZ")],
    )
    request = task.DesireTaskRequest(task_guid="a b", task_definition=definition)
    assert refusal("/tasks/desire.r2", request).split(", ") == [
        *("task_guid", "domain", "rootfs", "action", "user", "memory_mb", "disk_mb", "log_rate_limit", "max_pids"),
        *("annotation", "egress_rules", "image_password", "cached_dependency", "from", "image_layer", "url"),
    ]


def test_what_is_not_looked_at_may_be_anything() -> None:
    assert (
        task_refusal(
            environment_variables=[wire.EnvironmentVariable()],
            volume_mounts=[wire.VolumeMount()],
            metric_tags={"t": wire.MetricTagValue()},
            metrics_guid="g",
            volume_mounted_files=[wire.File(content="c" * (1024 * 1024 + 1))],
            completion_callback_url="::",
            result_file="\n",
            root_fs="a:" + "b" * 2000,
        )
        == ""
    )


@pytest.mark.parametrize(("length", "refused"), [(255, ""), (256, "the request received is invalid")])
def test_a_guid_or_domain_is_as_long_as_its_column(length: int, refused: str) -> None:
    guid, domain = requests.desire_task("t" * length), requests.desire_task()
    domain.domain = "d" * length
    assert [refusal("/tasks/desire.r2", request) for request in (guid, domain)] == [refused, refused]

"""Actions: each kind with each rule, nested in each other, and which of several counts."""

import pytest

from bbs.wire import container_pb2 as wire
from bbs.wire.frames import frame
from tests.models import requests
from tests.models.validation.refusals import INVALID, action_refusal, desired_refusal

GIVEN = {"from": "f", "to": "t", "user": "u"}


def packed(**member: object) -> bytes:
    return wire.Action(**member).SerializeToString()  # type: ignore[arg-type]


BAD_RUN = packed(run_action=wire.RunAction())
BAD_UPLOAD = packed(upload_action=wire.UploadAction())


def download(**members: str) -> str:
    return action_refusal(download_action=wire.DownloadAction(**{**GIVEN, **members}))


@pytest.mark.parametrize(
    ("algorithm", "value", "refused"),
    [
        ("", "", ""),
        ("md5", "v", ""),
        ("sha1", "v", ""),
        ("sha256", "v", ""),
        ("SHA256", "v", ""),
        ("Md5", "v", ""),
        ("sha512", "v", "invalid algorithm"),
        ("sha-1", "v", "invalid algorithm"),
        ("", "v", "checksum algorithm"),
        ("md5", "", "checksum value"),
        ("other", "", "checksum value"),
    ],
)
def test_a_checksum_is_whole_and_of_a_known_algorithm(algorithm: str, value: str, refused: str) -> None:
    assert download(checksum_algorithm=algorithm, checksum_value=value) == refused


@pytest.mark.parametrize(
    ("member", "refused"),
    [
        ({"run_action": wire.RunAction()}, "path, user"),
        ({"run_action": wire.RunAction(path="p")}, "user"),
        ({"run_action": wire.RunAction(user="u")}, "path"),
        ({"download_action": wire.DownloadAction()}, "from, to, user"),
        ({"download_action": wire.DownloadAction(checksum_value="v")}, "from, to, user, checksum algorithm"),
        ({"upload_action": wire.UploadAction()}, "to, from, user"),
        ({"upload_action": wire.UploadAction(**GIVEN)}, ""),
        ({"timeout_action": wire.TimeoutAction()}, "action, timeout_ms"),
        ({"timeout_action": wire.TimeoutAction(action=requests.RUN)}, "timeout_ms"),
        ({"timeout_action": wire.TimeoutAction(action=requests.RUN, timeout_ms=-1)}, "timeout_ms"),
        ({"timeout_action": wire.TimeoutAction(action=requests.RUN, timeout_ms=1)}, ""),
        ({"timeout_action": wire.TimeoutAction(action=BAD_RUN)}, "path, user, timeout_ms"),
        ({"emit_progress_action": wire.EmitProgressAction()}, "action"),
        ({"emit_progress_action": wire.EmitProgressAction(action=BAD_RUN)}, "path, user"),
        ({"try_action": wire.TryAction()}, "action"),
        ({"try_action": wire.TryAction(action=BAD_RUN)}, "path, user"),
        ({"parallel_action": wire.ParallelAction()}, "actions"),
        ({"parallel_action": wire.ParallelAction(actions=[requests.RUN])}, ""),
        ({"parallel_action": wire.ParallelAction(actions=[BAD_RUN, BAD_UPLOAD])}, "path, user, to, from, user"),
        ({"serial_action": wire.SerialAction()}, "actions"),
        ({"serial_action": wire.SerialAction(actions=[BAD_UPLOAD, BAD_RUN])}, "to, from, user, path, user"),
        ({"codependent_action": wire.CodependentAction()}, "actions"),
        ({"codependent_action": wire.CodependentAction(actions=[requests.RUN, BAD_RUN])}, "path, user"),
        ({}, "inner-action"),
        ({"try_action": wire.TryAction(action=b"")}, "inner-action"),
        ({"serial_action": wire.SerialAction(actions=[b"", requests.RUN])}, "inner-action"),
    ],
)
def test_each_action_has_its_rules(member: dict[str, object], refused: str) -> None:
    assert action_refusal(**member) == refused


ORDER = [
    ("download_action", wire.DownloadAction(), "from, to, user"),
    ("upload_action", wire.UploadAction(), "to, from, user"),
    ("run_action", wire.RunAction(), "path, user"),
    ("timeout_action", wire.TimeoutAction(), "action, timeout_ms"),
    ("emit_progress_action", wire.EmitProgressAction(), "action"),
    ("try_action", wire.TryAction(), "action"),
    ("parallel_action", wire.ParallelAction(), "actions"),
    ("serial_action", wire.SerialAction(), "actions"),
    ("codependent_action", wire.CodependentAction(), "actions"),
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_of_several_actions_the_first_counts(first: int) -> None:
    members = {name: member for name, member, _ in ORDER[first:]}
    assert action_refusal(**members) == ORDER[first][2]


def test_a_valid_first_action_hides_invalid_others() -> None:
    assert action_refusal(download_action=wire.DownloadAction(**GIVEN), run_action=wire.RunAction()) == ""


@pytest.mark.parametrize("name", ["setup", "action", "monitor"])
def test_the_field_that_holds_an_action_is_named_once_before_its_failures(name: str) -> None:
    nested = packed(
        timeout_action=wire.TimeoutAction(action=packed(serial_action=wire.SerialAction(actions=[BAD_RUN])))
    )
    assert desired_refusal(**{name: nested}) == f"{name}, path, user, timeout_ms"


def test_setup_action_and_monitor_are_told_in_that_order() -> None:
    assert desired_refusal(setup=BAD_RUN, action=BAD_UPLOAD, monitor=BAD_RUN) == (
        "setup, path, user, action, to, from, user, monitor, path, user"
    )


def test_setup_and_monitor_need_not_be_there() -> None:
    assert desired_refusal() == ""


@pytest.mark.parametrize("action", [b"\x12\x05", b"\x1a\x02\x08\x01", b"\x10\x01"])
def test_an_action_that_no_client_could_read_is_refused_as_a_whole(action: bytes) -> None:
    """Cut off; a path that is a number; an upload that is a number."""
    assert desired_refusal(action=action) == INVALID
    assert desired_refusal(action=packed(try_action=wire.TryAction(action=action))) == INVALID


@pytest.mark.parametrize("padding", [0, 4000])
def test_an_action_that_comes_again_is_judged_alike_however_long(padding: int) -> None:
    bad = packed(run_action=wire.RunAction(args=["x" * padding]))
    unreadable = b"\x1a\x02\x08\x01" + frame(999, b"x" * padding)
    for _ in range(2):
        assert desired_refusal(action=bad) == "action, path, user"
        assert desired_refusal(action=unreadable) == INVALID

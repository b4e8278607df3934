"""What desired LRPs and tasks tell, in the form of each revision."""

from __future__ import annotations

from bbs.models.events import Channel
from bbs.models.first_revision import action_r0
from bbs.wire import container_pb2 as container
from bbs.wire import desired_lrp_pb2 as desired
from bbs.wire import events_pb2 as events
from bbs.wire import task_pb2 as task
from tests.models import requests
from tests.models.telling import TellingBoard

Action = container.Action
TRACE = "7b3e1a2c"
RUN = Action(run_action=container.RunAction(path="/bin/true", user="vcap"))


def test_a_desired_lrp_is_told_with_its_caller_when_it_comes_changes_and_goes() -> None:
    board = TellingBoard(trace_id=TRACE)
    board.post("/desired_lrp/desire.r2", requests.lrp())
    [created] = board.messages(Channel.DESIRED)
    board.post("/desired_lrp/update", desired.UpdateDesiredLRPRequest(process_guid="pg", update={}))
    [changed] = board.messages(Channel.DESIRED)
    board.post("/desired_lrp/remove", desired.RemoveDesiredLRPRequest(process_guid="pg"))
    [removed] = board.messages(Channel.DESIRED)
    assert isinstance(created, events.DesiredLRPCreatedEvent)
    assert isinstance(changed, events.DesiredLRPChangedEvent)
    assert isinstance(removed, events.DesiredLRPRemovedEvent)
    assert [created.trace_id, changed.trace_id, removed.trace_id] == [TRACE] * 3
    assert changed.before == created.desired_lrp
    assert changed.after == removed.desired_lrp
    assert changed.after.modification_tag.index == changed.before.modification_tag.index + 1


def test_the_metrics_guid_is_told_as_it_is_stored() -> None:
    board = TellingBoard()
    board.post("/desired_lrp/desire.r2", requests.lrp())
    [created] = board.messages(Channel.DESIRED)
    assert isinstance(created, events.DesiredLRPCreatedEvent)
    assert created.desired_lrp.metrics_guid == ""
    assert created.desired_lrp.HasField("routes")


def test_the_first_revision_downloads_everything_in_setup() -> None:
    board = TellingBoard()
    wanted = requests.lrp(start_timeout_ms=1500, legacy_download_user="vcap")
    lrp = wanted.desired_lrp
    lrp.cached_dependencies.add(**{"name": "d", "from": "http://d", "to": "/d", "log_source": "LOG"})
    shared, exclusive = container.ImageLayer.SHARED, container.ImageLayer.EXCLUSIVE
    for kind in (shared, exclusive):
        lrp.image_layers.add(
            url=f"http://{kind}", destination_path="/l", layer_type=kind, media_type=container.ImageLayer.TGZ,
            digest_algorithm=container.ImageLayer.SHA256, digest_value="abc",
        )  # fmt: skip
    board.post("/desired_lrp/desire.r2", wanted)
    [created] = board.messages(Channel.DESIRED_R0)
    assert isinstance(created, events.DesiredLRPCreatedEvent)
    told = created.desired_lrp
    assert (len(told.image_layers), len(told.cached_dependencies), told.deprecated_start_timeout_s) == (0, 0, 1)
    first, rest = Action.FromString(told.setup).serial_action.actions
    downloads = [Action.FromString(one).download_action for one in Action.FromString(first).parallel_action.actions]
    assert [one.artifact for one in downloads] == ["", "d"]
    assert [one.log_source for one in downloads] == ["", "LOG"]
    assert [one.checksum_value for one in downloads] == ["", ""]
    [alone] = Action.FromString(rest).parallel_action.actions
    assert Action.FromString(alone).download_action.checksum_value == "abc"


def test_the_first_revision_knows_nanoseconds_and_neither_progress_nor_tries() -> None:
    tried = Action(try_action=container.TryAction(action=RUN.SerializeToString()))
    timed = Action(timeout_action=container.TimeoutAction(action=tried.SerializeToString(), timeout_ms=10))
    shown = Action(emit_progress_action=container.EmitProgressAction(action=timed.SerializeToString()))
    listed = Action(
        serial_action=container.SerialAction(
            actions=[shown.SerializeToString(), tried.SerializeToString()], log_source="LOG"
        )
    )
    first, second = Action.FromString(action_r0(listed.SerializeToString())).serial_action.actions
    told = Action.FromString(first).timeout_action
    assert (told.timeout_ms, told.deprecated_timeout_ns) == (10, 10_000_000)
    assert told.action == tried.SerializeToString()
    assert second == RUN.SerializeToString()


def test_an_action_of_any_depth_is_converted() -> None:
    data = RUN.SerializeToString()
    for _ in range(2000):
        data = Action(serial_action=container.SerialAction(actions=[data])).SerializeToString()
    assert action_r0(data) == data


def test_a_task_is_told_when_it_comes_changes_and_goes() -> None:
    board = TellingBoard()
    assert board.told(Channel.TASKS, "/tasks/desire.r2", requests.desire_task()) == ["created"]
    start = task.StartTaskRequest(task_guid="t", cell_id="cell-1")
    assert board.told(Channel.TASKS, "/tasks/start", start) == ["changed"]
    assert board.told(Channel.TASKS, "/tasks/start", start) == []
    complete = task.CompleteTaskRequest(task_guid="t", cell_id="cell-1", result=b"done")
    assert board.told(Channel.TASKS, "/tasks/complete", complete) == ["changed"]
    assert board.told(Channel.TASKS, "/tasks/resolving", task.TaskGuidRequest(task_guid="t")) == ["changed"]
    assert board.told(Channel.TASKS, "/tasks/delete", task.TaskGuidRequest(task_guid="t")) == ["removed"]


def test_a_refused_rejection_is_told_as_a_change_from_nothing() -> None:
    board = TellingBoard()
    board.post("/tasks/desire.r2", requests.desire_task())
    board.post("/tasks/cancel", task.TaskGuidRequest(task_guid="t"))
    board.post("/tasks/reject", task.RejectTaskRequest(task_guid="t", rejection_reason=b"full"))
    [event] = board.events[Channel.TASKS]
    changed = events.TaskChangedEvent.FromString(event.payload)
    assert changed.HasField("before")
    assert changed.before == task.Task()
    assert changed.after == board.task()


def test_a_rejection_of_an_unknown_task_tells_nothing() -> None:
    request = task.RejectTaskRequest(task_guid="t", rejection_reason=b"full")
    assert TellingBoard().told(Channel.TASKS, "/tasks/reject", request) == []


def test_the_last_rejection_is_told_as_one_change_from_the_rejected_task() -> None:
    board = TellingBoard()
    board.post("/tasks/desire.r2", requests.desire_task())
    for _ in range(4):
        board.post("/tasks/reject", task.RejectTaskRequest(task_guid="t", rejection_reason=b"full"))
    [changed] = board.messages(Channel.TASKS)
    assert isinstance(changed, events.TaskChangedEvent)
    assert (changed.before.state, changed.before.rejection_count) == (task.Task.Pending, 4)
    assert (changed.after.state, changed.after.failed) == (task.Task.Completed, True)


def test_tasks_of_revision_2_have_no_image_layers() -> None:
    board = TellingBoard()
    request = requests.desire_task()
    request.task_definition.image_layers.add(
        url="http://l", destination_path="/l", layer_type=container.ImageLayer.SHARED,
        media_type=container.ImageLayer.TGZ,
    )  # fmt: skip
    board.post("/tasks/desire.r2", request)
    [current], [older] = board.messages(Channel.TASKS), board.messages(Channel.TASKS_R0)
    assert isinstance(current, events.TaskCreatedEvent)
    assert isinstance(older, events.TaskCreatedEvent)
    assert (len(current.task.task_definition.image_layers), len(older.task.task_definition.image_layers)) == (1, 0)
    assert len(older.task.task_definition.cached_dependencies) == 1

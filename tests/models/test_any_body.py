"""Whatever a client sends, each route answers; nothing that is stored afterwards makes a list or convergence fail."""

import base64
from random import Random

import pytest

from bbs.convergence import lrp_steps, task_steps
from tests.models.board import BY_PATH, SECOND, Board
from tests.models.recording import lines

SCENARIOS = ("desired_crud", "actual_transitions", "evacuation_running", "tasks_lifecycle", "desired_old_revisions")
LISTS = [path.removeprefix("/v1") for path in BY_PATH if path.endswith(("/list", "/list.r2", "/list.r3"))]


def damaged(body: bytes, dice: Random) -> bytes:
    """`body` with a few bytes changed, dropped or doubled."""
    out = bytearray(body)
    for _ in range(dice.randint(0, 3)):
        if not out:
            break
        at = dice.randrange(len(out))
        match dice.randrange(3):
            case 0:
                out[at] = dice.randrange(256)
            case 1:
                del out[at]
            case _:
                out.insert(at, out[at])
    return bytes(out)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_body_is_answered(scenario: str, seed: int) -> None:
    dice = Random(seed)
    board = Board()
    for line in lines(scenario):
        if line.get("path") in BY_PATH and len(line["request"]) < 10_000:
            body = damaged(base64.b64decode(line["request"]), dice)
            board.now += 1
            board.post(line["path"].removeprefix("/v1"), body)
    board.now += 60 * SECOND
    for step in (*lrp_steps(board.records, board.context), *task_steps(board.records, board.context)):
        board.run(step)
    for path in LISTS:
        board.post(path)

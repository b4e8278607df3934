"""Whatever a client sends, each route answers; nothing that is stored afterwards makes a list or convergence fail."""

from random import Random

import pytest

from bbs.convergence import lrp_steps, task_steps
from tests.golden.recording import HERE, load, name_of, scenarios
from tests.models.board import BY_PATH, SECOND, Board

SCENARIOS = ("desired_crud", "actual_transitions", "evacuation_running", "tasks_lifecycle", "desired_old_revisions")
FILES = {name_of(path): path for path in scenarios(HERE)}
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
    for line in load(FILES[scenario]).exchanges:
        if line.path in BY_PATH and len(line.request_body) < 10_000:
            board.now += 1
            board.post(line.path.removeprefix("/v1"), damaged(line.request_body, dice))
    board.now += 60 * SECOND
    for step in (*lrp_steps(board.records, board.context), *task_steps(board.records, board.context)):
        board.run(step)
    for path in LISTS:
        board.post(path)

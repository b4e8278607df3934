"""An event on the wire, byte for byte as docs/reference/events.md shows it."""

from __future__ import annotations

from bbs.events.framing import chunk, line
from bbs.models.events import Channel, Event

CLAIM = bytes.fromhex(
    "0a0f0a0470672d311a0763662d61707073120e0a0469672d31120663656c6c2d311a201a003209554e434c41494d4544408080a8b1e39fe7"
    "cb174a050a03652d31580022201a003207434c41494d4544408094938ee79fe7cb174a070a03652d3110015800"
)
CHUNK = (
    b"b9;\r\n"
    b"id: 0\n"
    b"event: actual_lrp_instance_changed\n"
    b"data: Cg8KBHBnLTEaB2NmLWFwcHMSDgoEaWctMRIGY2VsbC0xGiAaADIJVU5DTEFJTUVEQICAqLHjn+fLF0oFCgNlLTFYACIgGgAyB0NM"
    b"QUlNRURAgJSTjuef58sXSgcKA2UtMRABWAA=\n"
    b"\n"
    b"\r\n"
)


def test_a_claim_is_the_chunk_that_the_real_server_sends() -> None:
    told = line(Channel.INSTANCES, Event("actual_lrp_instance_changed", CLAIM))
    assert chunk(0, told.text) == CHUNK


def test_the_size_of_a_chunk_counts_the_digits_of_its_number() -> None:
    text = line(Channel.TASKS, Event("task_removed", b"\x0a\x00")).text
    sizes = [int(chunk(number, text).partition(b";")[0], 16) for number in (9, 10, 100)]
    assert sizes == [len(b"id: 9") + len(text), len(b"id: 10") + len(text), len(b"id: 100") + len(text)]

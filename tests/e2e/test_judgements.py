"""What the scenarios conclude from logs: a judge that never convicts would prove nothing."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import pytest

from e2e import roll
from e2e.audit import Call, read
from e2e.expect import Failure, await_, expect, stays
from e2e.scenarios.s8 import written


def outage(since: str, until: str) -> dict[str, str]:
    return {"since": since, "until": until, "time": until}


MIGRATION = roll.Window("migration", "2026-01-01T00:00:10.000000Z", "2026-01-01T00:00:20.000000Z")


def test_an_outage_inside_the_migration_is_explained_by_it() -> None:
    assert MIGRATION.covers(outage("2026-01-01T00:00:11.000000Z", "2026-01-01T00:00:12.000000Z"), 1.0)


def test_an_outage_after_the_migration_is_not_explained_by_it() -> None:
    assert not MIGRATION.covers(outage("2026-01-01T00:00:22.000000Z", "2026-01-01T00:00:23.000000Z"), 1.0)


def test_an_outage_that_outlasts_its_window_is_not_explained_by_it() -> None:
    assert not MIGRATION.covers(outage("2026-01-01T00:00:15.000000Z", "2026-01-01T00:00:30.000000Z"), 1.0)


def test_a_cut_answer_is_forgiven_only_around_a_kill() -> None:
    cut = outage("2026-01-01T00:00:15.000000Z", "2026-01-01T00:00:16.000000Z")
    assert roll.struck_by(cut, ("2026-01-01T00:00:14.500000Z",))
    assert not roll.struck_by(cut, ("2026-01-01T00:00:05.000000Z",))
    assert not roll.struck_by(cut, ())


def test_a_subresource_is_part_of_an_audited_call(tmp_path: Path) -> None:
    entry = {
        "requestReceivedTimestamp": "2026-01-01T00:00:00.000001Z",
        "user": {"username": "system:serviceaccount:diego-system:diego-operator"},
        "verb": "create",
        "objectRef": {"resource": "pods", "subresource": "eviction", "namespace": "n", "name": "p"},
        "responseStatus": {"code": 201},
    }
    log = tmp_path / "audit.jsonl"
    log.write_text(json.dumps(entry) + "\n" + json.dumps({**entry, "objectRef": None}) + "\n")
    assert [(call.verb, call.resource, call.name, call.code) for call in read(log, "n")] == [
        ("create", "pods/eviction", "p", 201)
    ]
    assert list(read(log, "other")) == []


def test_a_call_reads_as_a_sentence() -> None:
    call = Call("t", "system:serviceaccount:diego-system:diego-operator", "create", "pods", "", "n", "p", 201)
    assert str(call) == "diego-system:diego-operator create pods p -> 201"


@pytest.mark.parametrize("form", ["raw", "base64", "hex"])
def test_a_passphrase_is_searched_for_in_each_form(form: str) -> None:
    value = b"correct horse battery"
    texts = {"raw": value.decode(), "base64": base64.b64encode(value).decode(), "hex": value.hex()}
    assert any(searched in f"... {texts[form]} ..." for _, searched in written("keyring/k", value))


def test_a_promise_that_does_not_hold_fails_with_what_was_seen() -> None:
    with pytest.raises(Failure, match="no cell pod starts; seen: 3"):
        expect(False, "no cell pod starts", 3)


def test_what_never_comes_fails_after_its_time() -> None:
    with pytest.raises(Failure, match="Ready: not within 0 s"):
        await_("Ready", lambda: None, 0)


def test_what_should_stay_fails_at_the_first_change() -> None:
    seen = iter([True, False])
    with pytest.raises(Failure, match="nothing rolls"):
        stays("nothing rolls", lambda: next(seen), 30)


def test_the_probe_needs_nothing_but_the_bbs_client() -> None:
    before = set(sys.modules)
    __import__("e2e.probe.load")
    assert not {
        name for name in set(sys.modules) - before if name.split(".")[0] in ("kubernetes", "kopf", "controllers")
    }

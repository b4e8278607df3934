"""The CRD before a real API server: it is taken, the sample is stored, and each refusal says what it should."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from api_server import APIServer, program, running
from bounds import beyond
from refused import Refusal, refusals, sample

from controllers.api import Condition, ConditionType, Diego, DiegoStatus, Reason, crd

pytestmark = pytest.mark.skipif(
    not (program("kube-apiserver") and program("etcd")), reason="no etcd or kube-apiserver here; put both on PATH"
)
DIEGOS = "/apis/diego-operator.io/v1alpha1/namespaces/diego/diegos"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
STRICT = "?dryRun=All&fieldValidation=Strict"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    """An API server that knows Diego, with a namespace `diego`."""
    with running(tmp_path_factory.mktemp("api-server")) as one:
        definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        taken = one.call("POST", definitions, crd.definition())
        assert taken.code == 201, taken.message
        one.call("POST", "/api/v1/namespaces", {"metadata": {"name": "diego"}})
        await_served(one, f"{definitions}/{crd.definition()['metadata']['name']}")
        yield one


def await_served(server: APIServer, definition: str) -> None:
    for _ in range(200):
        conditions = server.call("GET", definition).body.get("status", {}).get("conditions", [])
        states = {one["type"]: (one["status"], one["message"]) for one in conditions}
        assert states.get("NonStructuralSchema") is None, states
        if states.get("Established", ("", ""))[0] == "True" and server.call("GET", DIEGOS).code == 200:
            return
    raise TimeoutError(f"the CRD was not established; its conditions: {states}")


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.name)
def test_a_wrong_spec_is_refused_with_the_mend(server: APIServer, refusal: Refusal) -> None:
    answer = server.call("POST", DIEGOS + STRICT, refusal.manifest)
    assert (answer.code, answer.message) == (422, answer.message)
    assert refusal.message in answer.message


def test_every_bound_of_the_spec_is_held(server: APIServer) -> None:
    schema = crd.definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    cases = list(beyond(schema, "spec"))
    let_through = []
    for case in cases:
        message = server.call("POST", DIEGOS + STRICT, {**sample(), "spec": case.value}).message
        if f"{case.path}: " not in message or case.words not in message:
            let_through.append((case.path, case.words, message))
    assert let_through == []
    assert len(cases) > 300


def test_a_misspelt_field_is_refused_when_the_client_asks_for_strictness(server: APIServer) -> None:
    wrong = sample()
    wrong["spec"]["bbs"]["replica"] = 3
    answer = server.call("POST", DIEGOS + STRICT, wrong)
    assert (answer.code, 'unknown field "spec.bbs.replica"' in answer.message) == (400, True)


@pytest.fixture(scope="module")
def stored(server: APIServer) -> dict[str, Any]:
    """The sample as the server has stored it."""
    answer = server.call("POST", DIEGOS + "?fieldValidation=Strict", sample())
    assert answer.code == 201, answer.message
    return answer.body


def test_the_stored_sample_means_what_was_written(stored: dict[str, Any]) -> None:
    assert Diego.parse(stored).spec == Diego.parse(sample()).spec


def test_a_status_is_stored_whole_and_shown_in_the_columns(server: APIServer, stored: dict[str, Any]) -> None:
    ready = Condition.of(
        ConditionType.READY, "False", Reason.CELLS_ROLLING, observed="1 of 3", wanted="3", generation=1, now=NOON
    )
    status = DiegoStatus.model_validate(
        {
            "observedGeneration": 1,
            "version": {"current": "0.1.0", "target": "0.2.0"},
            "dataVersion": {"current": 4_000_000_001},
            "bbs": {"ready": "3/3"},
            "cells": {"updated": "1/3"},
            "conditions": [ready.model_dump(by_alias=True)],
        }
    )
    answer = server.call("PATCH", f"{DIEGOS}/diego/status?fieldValidation=Strict", {"status": status.rendered()})
    assert answer.code == 200, answer.message
    assert DiegoStatus.model_validate(answer.body["status"]) == status


def test_a_row_of_the_table_tells_version_data_readiness_and_reason(server: APIServer, stored: dict[str, Any]) -> None:
    table = server.call("GET", DIEGOS, accept="application/json;as=Table;v=v1;g=meta.k8s.io").body
    columns = [column["name"] for column in table["columnDefinitions"] if column["priority"] == 0]
    assert columns == ["Name", "Version", "Data", "Ready", "Reason", "BBS", "Cells", "Age"]
    assert table["rows"][0]["cells"][:7] == ["diego", "0.1.0", 4_000_000_001, "False", "CellsRolling", "3/3", "1/3"]


def test_going_back_to_an_earlier_spec_is_always_taken(server: APIServer, stored: dict[str, Any]) -> None:
    there = {
        "version": "0.3.0",
        "targetDataVersion": 4_000_000_001,
        "store": {"type": "SQLite", "etcd": None, "sqlite": {}},
        "bbs": {"replicas": 1},
        "encryption": {"activeKey": "k", "keys": [{"name": "k", "secretKeyRef": {"name": "s", "key": "k"}}]},
    }
    assert server.call("PATCH", f"{DIEGOS}/diego", {"spec": there}).code == 200
    fresh = server.call("GET", f"{DIEGOS}/diego").body
    back = server.call("PUT", f"{DIEGOS}/diego", {**fresh, "spec": stored["spec"]})
    assert back.code == 200, back.message
    assert back.body["spec"] == stored["spec"]

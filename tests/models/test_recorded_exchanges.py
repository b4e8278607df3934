"""What the real BBS answered, this BBS answers; each difference is deliberate and has its reason here."""

import pytest

from tests.models.recording import GOLDEN, differences

REP_ANSWERED = "the rep's answer becomes the error; the server, not the transition, calls the rep"
NULL_ROUTE = "the real BBS stores a null route and then drops every connection that lists it"
NO_UTF8 = "the real BBS leaks its database driver's error text for NUL and invalid UTF-8"
UNKNOWN_TAG = "an unknown dynamic number is kept, not turned into 0"
PORT_ORDER = "ports keep the order in which they were given"
KEPT_TEXT = "invalid UTF-8 in reasons is stored; the real BBS refuses it and leaves the task running"
MISSED_RUNS = "convergence ran during the recorded calls too"

DELIBERATE: dict[str, dict[int, str]] = {
    "actual_remove_retire": {29: REP_ANSWERED, 31: REP_ANSWERED, 33: REP_ANSWERED},
    "desired_crud": {71: NULL_ROUTE, 74: NULL_ROUTE},
    "desired_old_revisions": {20: PORT_ORDER},
    "desired_validation": {130: UNKNOWN_TAG},
    "domains": {22: NO_UTF8, 23: NO_UTF8},
    "tasks_lifecycle": {90: KEPT_TEXT, 91: KEPT_TEXT, 94: KEPT_TEXT, 95: KEPT_TEXT},
    "suspect": {61: MISSED_RUNS, 64: MISSED_RUNS, 65: MISSED_RUNS, 67: MISSED_RUNS},
}


@pytest.mark.parametrize("scenario", sorted(path.name.removesuffix(".jsonl.gz") for path in GOLDEN.iterdir()))
def test_a_recorded_exchange_is_answered_alike(scenario: str) -> None:
    assert differences(scenario).keys() == DELIBERATE.get(scenario, {}).keys()

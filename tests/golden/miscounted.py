"""By index, not by count: what a recording shows of LRPs whose instances the real BBS miscounted.

It compares numbers of rows: of 3 desired with rows 0, 1 and 7 it neither creates index 2 nor retires index 7 until 7 is
gone. Here both happen in the next pass. So for these indices alone, found in the recording's own lists, the step in
which something happens is free; what happens, and how often, is compared as ever, and retiring is told in each pass.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from bbs.wire.actual_lrp_pb2 import ActualLRP, ActualLRPsResponse
from bbs.wire.desired_lrp_pb2 import DesireLRPRequest, UpdateDesiredLRPRequest
from tests.golden.normalisation import Tree
from tests.golden.recording import Line, Scenario

ACTUAL_LRPS = "/v1/actual_lrps/list"
STOP = re.compile(r"/v1/lrps/([^/]+)/instances/([^/]+)/stop")
ANY_STEP = "any step"

Index = tuple[str, int]


@dataclass(frozen=True)
class Miscounted:
    """`missing`: indices not created there; `surplus`: indices not retired there; `instances`: guids of the latter."""

    missing: frozenset[Index] = frozenset()
    surplus: frozenset[Index] = frozenset()
    instances: frozenset[tuple[str, str]] = frozenset()

    def free(self, tree: Tree) -> bool:
        """Whether a call or an event is about a missing index."""
        return index_of(tree) in self.missing

    def may_come_again(self, tree: Tree) -> bool:
        """Whether a call or an event that only we made retires a surplus index."""
        stop = STOP.fullmatch(str(tree[2])) if isinstance(tree[2], str) else None
        if stop is not None:
            return (stop[1], stop[2]) in self.instances
        return "removed" in str(tree[1]) and index_of(tree) in self.surplus

    def shown(self, tree: Tree, other: Tree) -> Tree:
        """A list without the missing indices that `other` has not, and with the rest at any step."""
        there = {index_of(node) for node in other}
        kept = [node for node in tree if index_of(node) not in self.missing or index_of(node) in there]
        return [self.timeless(node) if index_of(node) in self.missing else node for node in kept]

    def created_in_time(self, tree: Tree, other: Tree) -> bool:
        """Whether every missing index that `other` lacks stands in `tree`, new and unclaimed."""
        there = {index_of(node) for node in other}
        guids = {found[0] for found in there & self.surplus if found is not None}
        due = {index for index in self.missing - there if index[0] in guids}
        new = [node for node in tree if index_of(node) in self.missing - there]
        return due <= {index_of(node) for node in new} and all(
            ["state", b"UNCLAIMED"] in node[1] and ["actual_lrp_instance_key", []] in node[1] for node in new
        )

    @staticmethod
    def timeless(tree: Tree) -> Tree:
        """The same, whenever it was set."""
        if not isinstance(tree, list):
            return tree
        if len(tree) == 2 and tree[0] == "since":
            return ["since", ANY_STEP]
        return [Miscounted.timeless(node) for node in tree]


def miscounted(scenario: Scenario) -> Miscounted:
    """All indices that a list of the recording shows missing or surplus though the number of rows is right."""
    instances: dict[str, int] = {}
    missing: set[Index] = set()
    surplus: set[Index] = set()
    guids: set[tuple[str, str]] = set()
    for line in scenario.exchanges:
        with suppress(DecodeError):
            _desired(line, instances)
        rows = _rows(line)
        for guid, count in instances.items():
            keys = [row.actual_lrp_key for row in rows if row.presence == ActualLRP.ORDINARY]
            there = {key.index for key in keys if key.process_guid == guid}
            if len(there) == count:
                missing |= {(guid, index) for index in set(range(count)) - there}
                surplus |= {(guid, index) for index in there - set(range(count))}
    for row in (row for line in scenario.exchanges for row in _rows(line)):
        key = row.actual_lrp_key
        if (key.process_guid, key.index) in surplus:
            guids.add((key.process_guid, row.actual_lrp_instance_key.instance_guid))
    return Miscounted(frozenset(missing), frozenset(surplus), frozenset(guids))


def _rows(line: Line) -> list[ActualLRP]:
    """The instances in a list; none where the line is no list or no message."""
    if line.path != ACTUAL_LRPS or line.response_headers.get("Content-Type") != ["application/x-protobuf"]:
        return []
    try:
        return list(ActualLRPsResponse.FromString(line.response_body).actual_lrps)
    except DecodeError:
        return []


def _desired(line: Line, instances: dict[str, int]) -> None:
    if line.response_body:
        return
    if line.path.startswith("/v1/desired_lrp/desire"):
        lrp = DesireLRPRequest.FromString(line.request_body).desired_lrp
        instances[lrp.process_guid] = lrp.instances
    elif line.path.startswith("/v1/desired_lrp/update"):
        request = UpdateDesiredLRPRequest.FromString(line.request_body)
        if request.update.HasField("instances"):
            instances[request.process_guid] = request.update.instances


def index_of(tree: Tree) -> Index | None:
    """Which index a message, an event or one member of an auction request is about."""
    if isinstance(tree, list):
        if len(tree) == 2 and tree[0] == "actual_lrp_key":
            fields = dict(tree[1])
            return fields.get("process_guid", b"").decode("utf-8", "replace"), fields.get("index", 0)
        return next((found for node in tree if (found := index_of(node)) is not None), None)
    if isinstance(tree, bytes) and tree.startswith(b'{"process_guid"'):
        start = json.loads(tree)
        return (start["process_guid"], start["indices"][0]) if len(start.get("indices") or ()) == 1 else None
    return None

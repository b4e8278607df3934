"""Actual LRPs in upstream's table `actual_lrps`. Source: docs/reference/upstream-sql.md."""

from __future__ import annotations

from bbs.interchange.wire_fields import bytes_field, number_field
from bbs.layouts.contract import Cipher, Unrepresentable
from bbs.layouts.upstream_columns import (
    LONGEST,
    Columns,
    int32,
    message,
    name,
    number,
    numeric_field,
    opened,
    sealed,
    sealed_message,
    text,
    text_field,
    words,
)
from bbs.layouts.upstream_messages import (
    Parts,
    hostnames,
    hostnames_json,
    tag_columns,
    tag_message,
    tags,
    tags_json,
)
from bbs.models.records import NEVER, Nanoseconds, Presence

NUMBERS = {Presence.ORDINARY: 0, Presence.EVACUATING: 1, Presence.SUSPECT: 2}
"""The presences as the column `presence` and field 10 say them."""
RUNNING = b"RUNNING"
_ROUTABLE = 13


def decode(columns: Columns, presence: Presence, cipher: Cipher) -> tuple[bytes, Nanoseconds]:
    """`models.ActualLRP` of a row, and its deadline. Raises Undecodable, Malformed, NotJSON."""
    state = text(columns, "state")
    key = (
        text_field(1, text(columns, "process_guid"))
        + numeric_field(2, number(columns, "instance_index"))
        + text_field(3, text(columns, "domain"))
    )
    instance_key = text_field(1, text(columns, "instance_guid")) + text_field(2, text(columns, "cell_id"))
    tag = tag_message(text(columns, "modification_tag_epoch"), number(columns, "modification_tag_index"))
    # The migration that added the column took what runs for routable.
    routable = number(columns, "routable") if "routable" in columns else state == RUNNING
    data = (
        bytes_field(1, key)
        + bytes_field(2, instance_key)
        + bytes_field(3, message(columns, "net_info", cipher, "ActualLRPNetInfo"))
        + numeric_field(4, number(columns, "crash_count"))
        + text_field(5, text(columns, "crash_reason"))
        + text_field(6, state)
        + text_field(7, text(columns, "placement_error"))
        + numeric_field(8, number(columns, "since"))
        + bytes_field(9, tag)
        + numeric_field(10, NUMBERS[presence])
        + hostnames(opened(columns, "internal_routes", cipher), 11)
        + tags(opened(columns, "metric_tags", cipher), 12)
        + number_field(_ROUTABLE, int(bool(routable)))
        + text_field(14, text(columns, "availability_zone"))
    )
    return data, max(number(columns, "expire_time"), NEVER) if presence is Presence.EVACUATING else NEVER


def encode(data: bytes, presence: Presence, deadline: Nanoseconds, cipher: Cipher) -> Columns:
    """The columns of an actual LRP at data version 1772581987. Raises Unrepresentable, Malformed."""
    lrp = Parts(data)
    key, instance_key = Parts(lrp.message(1)), Parts(lrp.message(2))
    epoch, index = tag_columns(lrp.message(9))
    state = name(lrp.text(6), "state")
    routable = lrp.number(_ROUTABLE) if lrp.has(_ROUTABLE) else lrp.text(6) == RUNNING
    return {
        "process_guid": name(key.text(1), "process_guid"),
        "instance_index": int32(key.number(2)),
        "evacuating": False,
        "domain": name(key.text(3), "domain"),
        "state": state,
        "instance_guid": name(instance_key.text(1), "instance_guid"),
        "cell_id": name(instance_key.text(2), "cell_id"),
        "placement_error": words(lrp.text(7), LONGEST),
        "since": lrp.number(8),
        "net_info": sealed_message(lrp.message(3), cipher),
        "modification_tag_epoch": name(epoch, "modification_tag_epoch"),
        "modification_tag_index": index,
        "crash_count": int32(lrp.number(4)),
        "crash_reason": words(lrp.text(5), LONGEST),
        "expire_time": _expiry(presence, deadline),
        "presence": NUMBERS[presence],
        "internal_routes": sealed(hostnames_json(lrp.texts(11)), cipher),
        "metric_tags": sealed(tags_json(lrp.texts(12)), cipher),
        "routable": bool(routable),
        "availability_zone": name(lrp.text(14), "availability_zone"),
    }


def _expiry(presence: Presence, deadline: Nanoseconds) -> int:
    # No upstream binary since 2018 looks at this column; it keeps the deadline of records that have one.
    if presence is Presence.EVACUATING or deadline == NEVER:
        return deadline
    error = f"it has the deadline {deadline}; only evacuating LRPs end at a time"
    raise Unrepresentable(error)

"""Desired LRPs in upstream's table `desired_lrps`: what auction and routing need in columns, the rest in `run_info`.

Never parses an action; unknown fields of the whole travel in the run info under their own numbers. Source:
docs/reference/upstream-sql.md.
"""

from __future__ import annotations

from bbs.interchange.wire_fields import bytes_field, text_at, without
from bbs.layouts.contract import Cipher
from bbs.layouts.desired_halves import in_order, of_run_info, run_info
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
    dynamic_tags,
    dynamic_tags_json,
    placement,
    placement_json,
    routes_json,
    routes_message,
    tag_columns,
    tag_message,
)

_RUN_METRIC_TAGS = 25
"""Where a run info held the metric tags before they had a column; afterwards upstream left them there, unread."""
_METRIC_TAGS = 35
_VOLUME_MOUNTS = 25


def decode(columns: Columns, cipher: Cipher) -> bytes:
    """`models.DesiredLRP` of a row. Raises Undecodable, Malformed, NotJSON."""
    # The key inside the run info is not looked at: upstream goes by the columns, too.
    data = of_run_info(message(columns, "run_info", cipher))
    tags = opened(columns, "metric_tags", cipher)
    if tags:
        data = without(data, _METRIC_TAGS) + dynamic_tags(tags, _METRIC_TAGS)
    tag = tag_message(text(columns, "modification_tag_epoch"), number(columns, "modification_tag_index"))
    data += (
        text_field(1, text(columns, "process_guid"))
        + text_field(2, text(columns, "domain"))
        + text_field(3, text(columns, "rootfs"))
        + numeric_field(4, number(columns, "instances"))
        + numeric_field(10, number(columns, "disk_mb"))
        + numeric_field(11, number(columns, "memory_mb"))
        + bytes_field(15, routes_message(opened(columns, "routes", cipher)))
        + text_field(17, text(columns, "log_guid"))
        + text_field(19, text(columns, "annotation"))
        + bytes_field(21, tag)
        + placement(text(columns, "placement_tags"), 28)
        + numeric_field(29, number(columns, "max_pids"))
        + numeric_field(39, number(columns, "update_strategy"))
    )
    return b"".join(raw for _, _, _, raw in in_order(data))


def encode(data: bytes, cipher: Cipher) -> Columns:
    """The columns of a desired LRP at data version 1772581987. Raises Unrepresentable, Malformed."""
    lrp = Parts(data)
    epoch, index = tag_columns(lrp.message(21))
    return {
        "process_guid": name(lrp.text(1), "process_guid"),
        "domain": name(lrp.text(2), "domain"),
        "log_guid": name(lrp.text(17), "log_guid"),
        "annotation": words(lrp.text(19)),
        "instances": int32(lrp.number(4)),
        "memory_mb": int32(lrp.number(11)),
        "disk_mb": int32(lrp.number(10)),
        "rootfs": name(lrp.text(3), "rootfs", LONGEST),
        "routes": sealed(routes_json(lrp.message(15)), cipher),
        "volume_placement": sealed_message(_drivers(lrp), cipher),
        "modification_tag_epoch": name(epoch, "modification_tag_epoch"),
        "modification_tag_index": index,
        "run_info": sealed_message(run_info(data, without=_RUN_METRIC_TAGS), cipher),
        "placement_tags": placement_json(lrp.texts(28)),
        "max_pids": int32(lrp.number(29)),
        "metric_tags": sealed(dynamic_tags_json(lrp.texts(_METRIC_TAGS)), cipher),
        "update_strategy": int32(lrp.number(39)),
    }


def _drivers(lrp: Parts) -> bytes:
    return b"".join(bytes_field(1, text_at(mount, 1)) for mount in lrp.texts(_VOLUME_MOUNTS))

"""One JSON object a line on stderr, by the names of docs/reference/logs.md: time, level, event, component, member."""

from __future__ import annotations

import datetime
import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(component: str, member: str, level: str) -> None:
    """Set up structlog for this process; every line names the component and the member (cell id, pod name)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            lambda _logger, _method, fields: _ordered(component, member, fields),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS.get(level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _ordered(component: str, member: str, fields: MutableMapping[str, Any]) -> str:
    line = {
        "time": _now(),
        "level": fields.pop("level"),
        "event": fields.pop("event"),
        "component": component,
        "member": member,
        **fields,
    }
    return orjson.dumps(line, default=str).decode()


def _now() -> str:
    """RFC 3339 with nanoseconds."""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"

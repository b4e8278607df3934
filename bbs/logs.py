"""One JSON object a line on stderr: time, level, event, component, member, epoch, seq, then the event's own fields.

Standard error belongs to logs and bars, standard output to data. Source of the form: docs/reference/cli.md.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


@dataclass(slots=True)
class Standing:
    """Who speaks, and at which place of the history, as `place` tells when a line is written: epoch and seq."""

    component: str = "bbs"
    member: str = ""
    place: Callable[[], tuple[int | None, int | None]] = lambda: (None, None)


@dataclass(slots=True)
class Lines:
    """Turns an event into a line and writes it."""

    standing: Standing

    def render(self, _: WrappedLogger, method: str, event: EventDict) -> bytes:
        """The line of one event; what JSON has no form for is written as text."""
        now = time.time_ns()
        epoch, seq = self.standing.place()
        head: dict[str, Any] = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now // 10**9))}.{now % 10**9:09d}Z",
            "level": "error" if method == "exception" else method,
            "event": event.pop("event", ""),
            "component": self.standing.component,
            "member": self.standing.member,
            "epoch": epoch,
            "seq": seq,
        }
        return orjson.dumps({**head, **event}, default=str, option=orjson.OPT_NON_STR_KEYS)


def configure(level: str, standing: Standing) -> None:
    """Log in this form from now on; also what libraries log through `logging`. Call it once per process."""
    lines = Lines(standing)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, lines.render],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(LEVELS[level], logging.WARNING), handlers=[_Forward()], force=True)


class _Forward(logging.Handler):
    """Hands records of libraries to structlog, so that every line has one form."""

    def emit(self, record: logging.LogRecord) -> None:
        name = logging.getLevelName(record.levelno).lower()
        method = name if name in LEVELS else "error"
        log = getattr(structlog.get_logger(), method)
        log("library", logger=record.name, message=record.getMessage(), exc_info=record.exc_info or None)

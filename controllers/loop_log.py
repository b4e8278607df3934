"""The log: one JSON object a line on stderr. Events of the plan log are read by people and by scenarios."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JSONLines(logging.Formatter):
    """time, level, event, component, and whatever the call added."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {
            "time": moment,
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "component": "operator",
        }
        line |= {key: value for key, value in vars(record).items() if key not in PLAIN}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_as_json() -> None:
    """For the operator's own loggers; kopf keeps its own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONLines())
    own = logging.getLogger("controllers")
    own.handlers[:] = [handler]
    own.propagate = False
    own.setLevel(logging.INFO)
    for noisy in ("kopf.objects", "kopf.activities.probe", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)  # a line for each doorbell and probe says nothing

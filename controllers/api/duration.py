"""Durations as Go and Kubernetes write them (`1h30m`, `250ms`), as one typed value.

The text form is limited to hours, minutes, seconds and milliseconds with few digits, so that the API server's CEL
function `duration()` can parse whatever the pattern lets through and no sum can overflow its 292 years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

PATTERN = r"^([0-9]{1,5}(\.[0-9]{1,3})?(h|ms|m|s)){1,4}$"
LONGEST_TEXT = 40
_TERM = re.compile(r"([0-9]+)(?:\.([0-9]+))?(h|ms|m|s)")
_NANOSECONDS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000}


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time in nanoseconds, never negative."""

    nanoseconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `10m`, `1h30m`, `4.1s`. Raises ValueError with what was wanted when the text is not such a duration."""
        if not re.match(PATTERN, text):
            raise ValueError(f"{text!r} is not a duration; wanted hours, minutes, seconds or milliseconds such as 10m")
        return cls(sum(_term(*term) for term in _TERM.findall(text)))

    @classmethod
    def of(cls, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> Self:
        """Adds up the given units."""
        return cls(round((hours * 3600 + minutes * 60 + seconds) * 1_000_000_000))

    @property
    def seconds(self) -> float:
        """The same length in seconds, for clocks that count so."""
        return self.nanoseconds / 1_000_000_000

    def __str__(self) -> str:
        """The shortest text that Go parses to the same value, to the millisecond."""
        hours, rest = divmod(self.nanoseconds, _NANOSECONDS["h"])
        minutes, rest = divmod(rest, _NANOSECONDS["m"])
        seconds = f"{rest / 1_000_000_000:.3f}".rstrip("0").rstrip(".")
        parts = ((str(hours), "h"), (str(minutes), "m"), (seconds, "s"))
        return "".join(number + unit for number, unit in parts if number != "0") or "0s"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accepts the text form, and in Python the value itself; writes the text form."""
        text = core_schema.chain_schema(
            [core_schema.str_schema(), core_schema.no_info_plain_validator_function(cls.parse)]
        )
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), text]),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The string form with its bound."""
        return {"type": "string", "pattern": PATTERN, "maxLength": LONGEST_TEXT}


def _term(whole: str, fraction: str, unit: str) -> int:
    scale = _NANOSECONDS[unit]
    return int(whole) * scale + (int(fraction) * scale // 10 ** len(fraction) if fraction else 0)

"""Configuration of a component: a YAML file, validated once at start; a wrong key is named with what was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

UNITS_S = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


class ConfigurationError(Exception):
    """The configuration can't be used; the text names the file, the key, what was seen and what is wanted."""


class Section(BaseModel):
    """A part of a configuration: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def seconds(value: object) -> object:
    """A Go duration such as `1m30s` as seconds; numbers pass as they are."""
    if not isinstance(value, str):
        return value
    parts = DURATION.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise ValueError(f"{value!r} is not a duration; wanted a Go duration such as 500ms, 15s or 1m30s")
    return sum(float(number) * UNITS_S[unit] for number, unit in parts)


Duration = Annotated[float, BeforeValidator(seconds)]
"""Seconds, written as a Go duration."""


class LogSection(Section):
    """How much is logged: debug, info, warning, error."""

    level: Literal["debug", "info", "warning", "error"] = "info"


Model = TypeVar("Model", bound=Section)


def load(path: Path, model: type[Model]) -> Model:
    """The configuration in `path`. Raises ConfigurationError."""
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}; wanted a readable YAML file") from error
    try:
        return model.model_validate({} if content is None else content)
    except ValidationError as error:
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in _explain(error, model))) from error


def _explain(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One line a fault; values are not printed, they may be secret."""
    lines = []
    for fault in error.errors(include_input=False, include_url=False):
        place = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            lines.append(f"unknown key {place}{_nearest(fault['loc'], model)}")
        else:
            lines.append(f"{place}: {fault['msg']}")
    return lines


def _nearest(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    fields: Mapping[str, Any] = model.model_fields
    for part in location[:-1]:
        inner = _section(fields.get(str(part)))
        if inner is None:
            return ""
        fields = inner.model_fields
    close = difflib.get_close_matches(str(location[-1]), fields, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known keys: {', '.join(sorted(fields))}"


def _section(field: Any) -> type[BaseModel] | None:
    candidates = [field.annotation, *getattr(field.annotation, "__args__", ())] if field else []
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)

"""From a file to a configuration, or to a text that says which key is wrong and what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from bbs.configuration.bbs import BBSConfiguration

UPSTREAM = {
    "ca_file": "write it below `tls`",
    "cert_file": "write it below `tls`",
    "key_file": "write it below `tls`",
    "uuid": "write it as `member`",
    "lock_ttl": "write it as `lock.ttl`",
    "lock_retry_interval": "write it as `lock.poll`",
    "encryption_keys": "put one file per key into `keyring_dir`",
    "active_key_label": "raise the active key by the admin call; `initial_key` names the first",
    "database_connection_string": "write it below `store`",
    "database_driver": "write it as `store.type`",
    "log_level": "write it as `log.level`",
    **dict.fromkeys(
        ("convergence_workers", "update_workers", "task_callback_workers", "report_interval", "access_log_path",
         "enable_db_health_check", "health_check_interval", "health_check_timeout", "health_check_failure_threshold",
         "advanced_metrics", "debug_address", "loggregator", "rep_client_session_cache_size"),
        "it has no meaning in this BBS; remove it",
    ),
}  # fmt: skip
"""Keys of the upstream BBS that are written otherwise here, or not at all."""


class ConfigurationError(Exception):
    """The configuration can't be used; one line per problem, each naming file, key, what was seen and wanted."""


def load(path: Path) -> BBSConfiguration:
    """The configuration in a YAML or JSON file. Raises ConfigurationError."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: {error}; wanted a readable YAML file (--config or DIEGO_CONFIG)"
        raise ConfigurationError(message) from error
    return parse(content, str(path))


def parse(content: str, source: str) -> BBSConfiguration:
    """The configuration in a text; `source` names it in errors. Raises ConfigurationError."""
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        message = f"{source}: {error}; wanted YAML"
        raise ConfigurationError(message) from error
    if not isinstance(document, dict):
        message = f"{source}: the file holds no keys; wanted at least `tls` and `store`"
        raise ConfigurationError(message)
    try:
        return BBSConfiguration.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError("\n".join(f"{source}: {line}" for line in _lines(error))) from error


def _lines(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            yield f"{where}: unknown key; {_meant(problem['loc'])}"
        elif problem["type"] == "missing":
            yield f"{where}: this key is missing"
        elif problem["type"] == "value_error":
            yield f"{where or 'store'}: {problem['msg'].removeprefix('Value error, ')}"
        else:
            yield f"{where}: {_wanted(problem['msg'])}, seen {problem['input']!r}"


def _wanted(words: str) -> str:
    return words[:1].lower() + words[1:].removesuffix(".")


def _meant(location: tuple[int | str, ...]) -> str:
    *sections, key = (str(part) for part in location)
    if not sections and key in UPSTREAM:
        return f"the upstream BBS has it: {UPSTREAM[key]}"
    known = list(_section(sections).model_fields)
    near = difflib.get_close_matches(key, known, 1, 0.6)
    return f"did you mean `{'.'.join([*sections, near[0]])}`?" if near else f"known here are: {', '.join(known)}"


def _section(names: list[str]) -> type[BaseModel]:
    model: type[BaseModel] = BBSConfiguration
    for name in names:
        model = _model(model.model_fields[name].annotation)
    return model


def _model(annotation: Any) -> type[BaseModel]:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    message = f"{annotation} holds no section"
    raise TypeError(message)

"""The page of settings: every environment variable, which service reads it, what it means."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from cli.generate.discovery import settings_classes
from cli.generate.markdown import code, table
from cli.generate.repository import NOTE, REFERENCE, Files
from runtime.settings import PREFIX, ServiceSettings

SECRET_PREFIX = f"{PREFIX}SECRET_"

_PAGE = """# Settings

{note}

Every setting is an environment variable. `maildesk settings` prints the same list. Values that a service does not know
are ignored.

Secrets are read by name, never by value: where a mailbox or a setting names the secret `SALES_IMAP`, its value is
`{secret}SALES_IMAP` in the environment, else the content of the file `SALES_IMAP` in `{prefix}SECRETS_DIR`.
[Addresses are erased](../howto/erase-an-address.md) with the secret `ERASURE_KEY`, for ingest and the command line.

## Every service

{shared}"""

COMMAND_LINE = """
## The command line

Only `maildesk` itself reads these.

{table}"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    variable: str
    default: str
    bounds: str
    meaning: str


def command_line_settings() -> list[Setting]:
    """What no service reads."""
    return [
        Setting(
            f"{PREFIX}STATE_DIR", ".maildesk", "", "folder of the embedded parts: their data, their logs, who runs"
        ),
        Setting(f"{PREFIX}SANDBOX_KAFKA_HEAP", "256m", "", "memory of the embedded Kafka, as Java writes it"),
    ]


def shared_settings() -> list[Setting]:
    """What every service reads."""
    return [_setting(name, field) for name, field in ServiceSettings.model_fields.items()]


def own_settings(kind: type[ServiceSettings]) -> list[Setting]:
    """What one service reads besides, or with another default."""
    shared = {setting.variable: setting for setting in shared_settings()}
    found = [_setting(name, field) for name, field in kind.model_fields.items()]
    return [setting for setting in found if shared.get(setting.variable) != setting]


def known_variables() -> set[str]:
    """Every variable that some service reads, without secrets."""
    kinds = settings_classes().values()
    return {s.variable for s in shared_settings()} | {s.variable for kind in kinds for s in own_settings(kind)}


def settings_files() -> Files:
    """`docs/reference/settings.md`."""
    page = _PAGE.format(
        note=NOTE.format(source="the services' settings"),
        secret=SECRET_PREFIX,
        prefix=PREFIX,
        shared=_table(shared_settings()),
    )
    for service, kind in settings_classes().items():
        if own := own_settings(kind):
            page += f"\n## {service}\n\n{_table(own)}"
    page += COMMAND_LINE.format(table=_table(command_line_settings()))
    return {f"{REFERENCE}/settings.md": page}


def _table(settings: Iterable[Setting]) -> str:
    rows = ((code(s.variable), code(s.default), s.bounds, s.meaning) for s in settings)
    return table(("variable", "default", "values", "meaning"), rows)


def _setting(name: str, field: FieldInfo) -> Setting:
    return Setting(f"{PREFIX}{name.upper()}", _default(field), _bounds(field), field.description or "")


def _default(field: FieldInfo) -> str:
    """A computed default depends on the machine, so its description says what it is."""
    if field.is_required():
        return "(required)"
    return "(computed)" if field.default_factory else _shown(field.default)


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, tuple | list | set | frozenset):
        return ",".join(str(item) for item in value)
    return "" if value is None else str(value)


def _bounds(field: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = []
    for constraint in field.metadata:
        found += [f"{sign} {getattr(constraint, name)}" for name, sign in signs.items() if hasattr(constraint, name)]
        if pattern := getattr(constraint, "pattern", None):
            found.append(code(str(pattern)))
    return ", ".join(found)

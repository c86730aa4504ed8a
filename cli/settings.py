"""`maildesk settings`: every environment variable, its default and its meaning."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from cli.generate.discovery import settings_classes
from cli.generate.settings import Setting, command_line_settings, own_settings, shared_settings
from cli.reporting import out


def settings(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List every setting: an environment variable MAILDESK_…, its default, its meaning and who reads it.

    Values are not shown, since some are secret.
    """
    found: list[tuple[str, Setting]] = [("every service", setting) for setting in shared_settings()]
    found += [("maildesk", setting) for setting in command_line_settings()]
    for service, kind in settings_classes().items():
        found += [(service, setting) for setting in own_settings(kind)]
    if as_json:
        print(json.dumps([{"service": service, **asdict(setting)} for service, setting in found]))
        return
    table = Table("Variable", "Default", "Meaning", "Read by")
    for service, setting in found:
        table.add_row(setting.variable, setting.default, setting.meaning, service)
    out.print(table)

"""Whether Odoo has the apps that the actions of rules need, and lets the account use them."""

from collections.abc import Iterator
from dataclasses import dataclass

from cli.doctor.finding import Finding, listed
from cli.doctor.house import House
from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Odoo
from runtime.errors import PermanentError
from schemas.odoo_action import AttachToRecordAction
from schemas.rule import Rule

FIRST_HAS_ACCESS = 19


@dataclass(frozen=True, slots=True)
class Need:
    """A model that an action uses, whose app it is, and what is done there. Any of `models` will do."""

    models: tuple[str, ...]
    app: str
    operation: str = "create"


_NEEDS = {
    "crm_lead": Need(("crm.lead",), "CRM"),
    "helpdesk_ticket": Need(("helpdesk.ticket",), "Helpdesk (of Odoo Enterprise, or helpdesk_mgmt of OCA)"),
    "notify_channel": Need(("discuss.channel", "mail.channel"), "Discuss", "read"),
    "notify_user": Need(("res.users",), "Discuss", "read"),
    "activity": Need(("mail.activity",), "Discuss"),
    "attach_to_record": Need(("mail.message",), "Discuss", "read"),
}


async def check_modules(house: House) -> list[Finding]:
    """One finding for each app that is missing or closed, naming the rules that need it."""
    if house.odoo is None:
        return []
    wanted: dict[Need, list[str]] = {}
    for rule in house.acting:
        for need in _needs(rule):
            users = wanted.setdefault(need, [])
            if rule.id not in users:
                users.append(rule.id)
    return [found for need, users in wanted.items() if (found := await _check(house.odoo, need, users)) is not None]


def _needs(rule: Rule) -> Iterator[Need]:
    for action in rule.actions:
        if action.type in _NEEDS:
            yield _NEEDS[action.type]
        if isinstance(action, AttachToRecordAction) and action.fallback_model:
            yield Need((action.fallback_model,), f"the app of {action.fallback_model}")


async def _check(odoo: Odoo, need: Need, users: list[str]) -> Finding | None:
    place = f"rule {listed(users, 5)}"
    for model in need.models:
        try:
            await odoo.fields_get(model)
        except ModelMissingError:
            continue
        except PermanentError as error:
            return _closed(place, model, need.operation, error.text)
        allowed = await may(odoo, model, need.operation)
        return None if allowed else _closed(place, model, need.operation, "its groups do not allow it")
    text = f"Odoo has no model {' or '.join(need.models)}, so every such action ends as skipped or failed"
    return Finding("odoo-module-missing", place, text, f"install {need.app} in Odoo, or change the rules")


def _closed(place: str, model: str, operation: str, why: str) -> Finding:
    text = f"the API user may not {operation} {model}: {why}"
    return Finding("odoo-access", place, text, "give it a group in Odoo that may (Settings, Users)")


async def may(odoo: Odoo, model: str, operation: str) -> bool:
    """Whether the account may do that, by its groups. Nothing is done."""
    if (await odoo.version()).major >= FIRST_HAS_ACCESS:
        return bool(await odoo.call(model, "has_access", [], {"ids": [], "operation": operation}))
    return bool(await odoo.call(model, "check_access_rights", [operation], {"raise_exception": False}))

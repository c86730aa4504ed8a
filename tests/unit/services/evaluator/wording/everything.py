"""Rules that say every sentence that there is; a test proves it against the template."""

from typing import Any

from schemas.rule import Rule
from tests.unit.services.evaluator.making import rule

BERLIN = {"time_zone": "Europe/Berlin"}
WEEK = ["mon", "tue", "wed", "thu", "fri"]
OFFICE = {"days": WEEK, "from": "09:00", "to": "17:30", **BERLIN}
OPERATORS = ("equals", "contains", "starts", "ends", "matches")
STATES = ("reply", "new", "first_contact", "known_sender", "answered", "unanswered", "automatic", "personal")


def everything() -> list[Rule]:
    """Each trigger and mode, each condition with each operator, each action with each option."""
    texts = [{"type": kind, **_text(operator)} for kind in ("sender", "subject", "excerpt") for operator in OPERATORS]
    headers = [{"type": "header", "name": "List-Id", **_text(operator)} for operator in OPERATORS]
    recipients = [
        {"type": "recipient", "in": where, **_text(operator)}
        for where, operator in zip(("to", "cc", "any", "to", "cc"), OPERATORS, strict=True)
    ]
    return [
        rule("texts", {"any": texts}, enabled=False, mode="shadow", backlog={"since": "2026-01-31"}, **_until("1m")),
        rule(
            "headers",
            {"all": [{"none": headers + recipients}, {"any": _present() + _domains()}]},
            backlog=_last("1m"),
            **_until("30m"),
        ),
        rule("attachments", {"all": _attachments()}, backlog=_last("45m"), **_until("1h")),
        rule(
            "states",
            {"any": [{"type": "reply_state", "equals": state} for state in STATES]},
            backlog=_last("1h"),
            **_until("12h"),
        ),
        rule("times", {"all": _times()}, backlog=_last("2h"), **_until("1d")),
        rule("nested", {"any": [{"all": [{"all": []}, {"none": _present()}]}]}, backlog=_last("1d"), **_until("7d")),
        rule("mailbox", actions=_numbered(_mailbox()), trigger="incoming", backlog=_last("7d"), stop_processing=True),
        rule("making", actions=_numbered(_making()), trigger="after_send", on_error="continue"),
        rule("answered", {"type": "subject", "contains": ["a"]}, trigger="after_send", actions=_numbered(_original())),
        rule("odoo", actions=_numbered(_odoo()), trigger="manual"),
        rule("scopes", {"none": _present()}, actions=_numbered(_scopes()), trigger="manual"),
        rule("windows", actions=_numbered(_windows())),
    ]


def _text(operator: str) -> dict[str, Any]:
    return {operator: ["alpha", "beta", "gamma"] if operator == "contains" else ["alpha", "beta"]}


def _last(length: str) -> dict[str, str]:
    return {"last": length}


def _until(length: str) -> dict[str, str]:
    return {"expires_after": length}


def _numbered(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"a{number}", **action} for number, action in enumerate(actions)]


def _present() -> list[dict[str, Any]]:
    return [{"type": "header", "name": "List-Id", "present": present} for present in (True, False)]


def _domains() -> list[dict[str, Any]]:
    domain = [["name", "=", "Azure"]]
    return [
        {"type": "sender_domain", "equals": ["one.example"]},
        {"type": "sender_domain", "equals": ["one.example"], "subdomains": True},
        {"type": "sender_domain", "equals": ["one.example", "two.example"], "subdomains": True},
        {"type": "odoo_domain", "on": "message", "domain": domain},
        {"type": "odoo_domain", "on": "partner", "domain": domain},
        {"type": "odoo_domain", "on": "record", "model": "crm.lead", "domain": domain},
    ]


def _attachments() -> list[dict[str, Any]]:
    sizes: list[dict[str, Any]] = [
        {"larger_than": 1},
        {"larger_than": 3, "smaller_than": "2.5 MB"},
        {"smaller_than": "500 kB"},
    ]
    return [
        {"type": "attachments", "present": True},
        {"type": "attachments", "present": False},
        {"type": "attachments", "present": False, "content_type": ["application/pdf", "image/*"], **sizes[0]},
        *({"type": "attachments", "present": True, "name": _text(operator)} for operator in OPERATORS),
        *({"type": "attachments", "present": True, **size} for size in sizes),
    ]


def _times() -> list[dict[str, Any]]:
    first, end = {"on_or_after": "2026-12-01"}, {"before": "2027-01-07"}
    return [
        *({"type": "date", **BERLIN, **bounds} for bounds in (first, end, {**first, **end})),
        {"type": "business_hours", **OFFICE, "closed": ["2026-12-25"]},
        {"type": "business_hours", "inside": False, "days": ["mon", "wed", "fri"], **BERLIN},
    ]


def _mailbox() -> list[dict[str, Any]]:
    return [
        {"type": "tag", "add": ["vip"], "remove": ["new"]},
        {"type": "tag", "add": ["vip", "paid"], "remove": ["new", "open", "late"]},
        {"type": "star"},
        {"type": "star", "starred": False},
        {"type": "mark_read"},
        {"type": "mark_read", "read": False},
        {"type": "move_folder", "folder": "Archive"},
    ]


def _original() -> list[dict[str, Any]]:
    return [{"type": "move_folder", "folder": "Archive", "target": "original"}]


def _making() -> list[dict[str, Any]]:
    people = {"team_id": 3, "user_id": 7}
    return [
        {"type": "crm_lead", "name": "Alpha", **people},
        {"type": "crm_lead", "reuse": "any"},
        {"type": "crm_lead", "kind": "opportunity", "name": "Alpha", "reuse": "never"},
        {"type": "crm_lead", "kind": "opportunity", "mail": "text"},
        {"type": "helpdesk_ticket", "name": "Alpha", **people},
        {"type": "helpdesk_ticket", "reuse": "any"},
        {"type": "helpdesk_ticket", "reuse": "never", "mail": "none"},
    ]


def _odoo() -> list[dict[str, Any]]:
    activity = {"type": "activity", "activity_type": "Todo", "summary": "Alpha"}
    return [
        {"type": "attach_to_record"},
        {"type": "attach_to_record", "fallback_model": "crm.lead"},
        {"type": "notify_user", "users": ["ann"], "text": "Alpha"},
        {"type": "notify_user", "users": ["ann", "ben", "eve"], "text": "Alpha"},
        {"type": "notify_channel", "channel": "general", "text": "Alpha"},
        activity,
        {**activity, "due_in_days": 1, "note": "Beta", "user": "ann"},
        {**activity, "due_in_days": 3},
        {"type": "auto_reply", "subject": "Alpha", "text": "Beta", "html": "<p>Beta</p>", "scope": "thread"},
    ]


def _scopes() -> list[dict[str, Any]]:
    every = ("1m", "3m", "25m", "1h", "2h", "12h", "1d", "7d")
    scopes: list[dict[str, str]] = [{"every": length} for length in every]
    scopes += [{"every": length, "per": "sender"} for length in every]
    return [{"type": "star", "scope": scope} for scope in scopes]


def _windows() -> list[dict[str, Any]]:
    first, end = {"on_or_after": "2026-12-01"}, {"before": "2027-01-07"}
    christmas = [f"2026-12-{day}" for day in range(20, 29)]
    windows: list[dict[str, Any]] = [
        {**OFFICE, **first, **end},
        {**first, "from": "18:00"},
        {**end, "from": "22:00", "to": "06:00"},
        {"days": ["sat", "sun"], "closed": christmas[:2]},
        {"closed": christmas[:4]},
        {"closed": christmas},
    ]
    return [{"type": "star", "window": window} for window in windows]

"""The Odoos in which the table is asked: what there is, and what is read back for the replay."""

from typing import Any

PARAMETER_ALLOWED = "mail.catchall.domain.allowed"
THRESHOLD = "mail.gateway.loop.threshold"

_ALLOWED_SENDER = {"email_from": "allowed@loops.example"}
_LEADS = ("first", "second", "third", "shut", "gone", "many-1", "many-2", "many-3")
_PARTNERS = {"known": "known@customers.example", "follower": "follower@customers.example", "named": "Alias@one.example"}


def _alias(name: str, model: str, domain: str | None = "one", **more: Any) -> list[Any]:
    place = {"ref": domain} if domain else False
    return [
        f"alias-{name}",
        "mail.alias",
        {"alias_name": name, "alias_model_id": {"model": model}, **more} | {"alias_domain_id": place},
    ]


def _message(name: str, model: str | None, record: Any, subtype: str = "mail.mt_comment", **more: Any) -> list[Any]:
    values: dict[str, Any] = {"message_id": f"<{name}@routes.example>", "body": "text", "message_type": "email"}
    values |= {"subtype_id": {"xmlid": subtype}, "reply_to": "x@x.example", "email_from": "x@x.example"}
    values |= ({"model": model} if model else {}) | ({"res_id": record} if record else {})
    return [f"message-{name}", "mail.message", values | more]


_MAKE: list[list[Any]] = [
    ["one", "mail.alias.domain", {"name": "one.example", "bounce_alias": "bounce", "catchall_alias": "catchall"}],
    ["two", "mail.alias.domain", {"name": "two.example", "bounce_alias": "returns", "catchall_alias": "all"}],
    *[[name, "res.partner", {"name": name, "email": email}] for name, email in _PARTNERS.items()],
    *[
        [
            name,
            "crm.lead",
            {"name": name, "type": "lead", "active": name != "shut"}
            | ({"email_from": "many@loops.example"} if name.startswith("many") else {}),
        ]
        for name in _LEADS
    ],
    ["team", "crm.team", {"name": "Routes"}],
    _alias("support", "crm.lead"),
    _alias("contacts", "res.partner"),
    _alias("partners", "crm.lead", alias_contact="partners"),
    _alias("to-second", "crm.lead", alias_force_thread_id={"ref": "second"}),
    _alias("to-gone", "crm.lead", alias_force_thread_id={"ref": "gone"}),
    _alias(
        "members",
        "crm.lead",
        alias_contact="followers",
        alias_parent_model_id={"model": "crm.team"},
        alias_parent_thread_id={"ref": "team"},
    ),
    _alias("of-second", "crm.lead", alias_contact="followers", alias_force_thread_id={"ref": "second"}),
    _alias("nobody", "crm.lead", alias_contact="followers"),
    _alias("anywhere", "crm.lead", alias_incoming_local=True),
    _alias("elsewhere", "res.partner", "two", alias_incoming_local=True),
    _alias("support", "res.partner", "two"),
    _alias("bare", "crm.lead", None),
    _alias("countries", "res.country"),
    _alias("alias", "crm.lead"),
    _message("first", "crm.lead", {"ref": "first"}),
    _message("second", "crm.lead", {"ref": "second"}),
    _message("third", "crm.lead", {"ref": "third"}),
    _message("shut", "crm.lead", {"ref": "shut"}),
    _message("note", "crm.lead", {"ref": "first"}, "mail.mt_note"),
    _message("auto-note", "crm.lead", {"ref": "first"}, "mail.mt_note", message_type="auto_comment"),
    _message("partner", "res.partner", {"ref": "known"}),
    _message("team", "crm.team", {"ref": "team"}),
    _message("gone", "crm.lead", {"ref": "gone"}),
    _message("nowhere", None, None),
    _message("no-record", "crm.lead", None),
    _message("country", "res.country", 1),
    _message("twice", "crm.lead", {"ref": "first"}),
    _message("twice-again", "crm.lead", {"ref": "second"}, message_id="<twice@routes.example>"),
    ["allowed-sender", "mail.gateway.allowed", {"email": "allowed@loops.example"}],
    *[[f"allowed-{n}", "crm.lead", {"name": "x", "type": "lead"} | _ALLOWED_SENDER] for n in (1, 2, 3)],
]
_FOLLOW = [["team", "follower"], ["second", "follower"]]
_READ: dict[str, list[Any]] = {
    "mail.alias.domain": [[], ["name", "bounce_alias", "catchall_alias", "sequence"]],
    "mail.alias": [
        [],
        [
            "alias_name",
            "alias_full_name",
            "alias_model_id",
            "alias_force_thread_id",
            "alias_contact",
            "alias_parent_model_id",
            "alias_parent_thread_id",
            "alias_incoming_local",
        ],
    ],
    "ir.model": [[["model", "in", ["crm.lead", "crm.team", "res.partner", "res.country"]]], ["name", "model"]],
    "ir.config_parameter": [[["key", "in", [PARAMETER_ALLOWED, THRESHOLD]]], ["key", "value"]],
    "mail.message": [
        [["message_id", "like", "@routes.example>"]],
        ["message_id", "model", "res_id", "subtype_id", "message_type"],
    ],
    "mail.message.subtype": [[["name", "in", ["Discussions", "Note"]]], ["name", "internal"]],
    "res.partner": [[["email", "in", list(_PARTNERS.values())]], ["name", "email", "email_normalized"]],
    "crm.lead": [[["name", "in", [*_LEADS, "x"]]], ["name", "type", "email_from", "active", "create_date"]],
    "crm.team": [[["name", "=", "Routes"]], ["name"]],
    "mail.followers": [[["partner_id.email", "in", list(_PARTNERS.values())]], ["res_model", "res_id", "partner_id"]],
    "mail.gateway.allowed": [[], ["email", "email_normalized"]],
}

_PLAIN = ("crm.lead", "res.partner", "mail.message", "crm.team")

WORLDS: dict[str, dict[str, Any]] = {
    "usual": {"make": _MAKE, "follow": _FOLLOW, "deleted": ["gone"], "parameters": {THRESHOLD: "3"}, "read": _READ},
    "allowed": {
        "make": _MAKE,
        "follow": _FOLLOW,
        "deleted": ["gone"],
        "read": _READ,
        "parameters": {THRESHOLD: "3", PARAMETER_ALLOWED: "three.example,four.example"},
    },
    "bare": {
        "make": [[*each] for each in _MAKE if each[1] in ("crm.lead", "res.partner", "mail.message", "crm.team")]
        + [
            ["alias-plain", "mail.alias", {"alias_name": "plain", "alias_model_id": {"model": "crm.lead"}}],
            [
                "alias-anywhere",
                "mail.alias",
                {"alias_name": "anywhere", "alias_model_id": {"model": "crm.lead"}, "alias_incoming_local": True},
            ],
        ],
        "follow": [],
        "deleted": ["gone"],
        "parameters": {THRESHOLD: "3"},
        "read": _READ,
    },
}
"""`usual`: two alias domains. `allowed`: local parts count for some domains only. `bare`: no alias domain at all."""

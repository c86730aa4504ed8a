"""`maildesk doctor route FILE.eml`: where Odoo would file this mail, step by step."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.doctor.gathering import Asked, gathered
from cli.reporting import exit_codes, out
from connectors.odoo.routing_book import RoutingBook, read_routing_book
from connectors.odoo.routing_hints import Hint, hints
from connectors.odoo.routing_mail import GatewayMail, read_gateway_mail
from connectors.odoo.routing_outcome import Outcome, Prediction
from connectors.odoo.routing_prediction import Gateway
from runtime.errors import InvalidInputError
from schemas.mailbox import Mailbox
from schemas.odoo_action import AttachToRecordAction
from schemas.rule import Rule

MOST_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one mail."""

    prediction: Prediction
    warnings: tuple[str, ...]
    hints: tuple[Hint, ...]


def route(
    file: Annotated[Path, typer.Argument(help="A mail, as a file (.eml).", metavar="FILE.eml")],
    mailbox: Annotated[
        str | None, typer.Option(help="The mailbox that it came to; its rules name the fallback model.")
    ] = None,
    fallback: Annotated[
        str | None, typer.Option(help="The model for mail that nothing takes, as an incoming mail server names it.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="The longest wait for any one answer.")] = 10.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Say where Odoo's gateway would file a mail, and why, step by step. Nothing is sent, and nothing is changed.

    Warns where the mail names another record than the one that it would get to. Forms of addresses and Message-IDs that
    Odoo does not read, such as purchase+123@ or <model-id-time@domain>, are named. Exit codes: 0 it is filed without a
    warning, 1 it is not, or there are warnings, 2 FILE or an option is wrong, 3 Odoo is down.

    Example: maildesk doctor route reply.eml --mailbox support
    """
    with exit_codes():
        told = asyncio.run(_tell(_read(file), mailbox, fallback, seconds))
    if as_json:
        print(json.dumps(_members(told), ensure_ascii=False))
    else:
        for line in _lines(told):
            out.print(line, markup=False, soft_wrap=True)
    if told.warnings or told.prediction.outcome is not Outcome.FILED:
        raise typer.Exit(1)


def _read(file: Path) -> GatewayMail:
    try:
        with file.open("rb") as opened:
            return read_gateway_mail(opened.read(MOST_BYTES))
    except OSError as error:
        raise InvalidInputError(f"{file} cannot be read: {error.strerror}; give a mail as a file") from error


async def _tell(mail: GatewayMail, mailbox: str | None, fallback: str | None, seconds: float) -> Told:
    asked = Asked(mailbox, offline=("kafka",) if mailbox else ("kafka", "postgres"), seconds=seconds)
    async with gathered(asked) as (house, troubles):
        if house.odoo is None:
            text = next((str(each) for each in troubles if each.place.startswith("Odoo")), "no Odoo is configured")
            raise InvalidInputError(f"{text}; set MAILDESK_ODOO_URL, MAILDESK_ODOO_DB, MAILDESK_ODOO_LOGIN")
        if mailbox and house.database is None:
            raise InvalidInputError("; ".join(map(str, troubles)))
        book = await read_routing_book(house.odoo)
        gateway = Gateway(house.odoo, book, house.now, fallback or fallback_of(house.rules))
        prediction = await gateway.predict(mail)
    return tell(mail, book, prediction, house.mailboxes if mailbox else ())


def fallback_of(rules: Sequence[Rule]) -> str:
    """The model that an `attach_to_record` action names for mail that Odoo finds no record for."""
    actions = (action for rule in rules if rule.enabled for action in rule.actions)
    named = (action.fallback_model for action in actions if isinstance(action, AttachToRecordAction))
    return next((model for model in named if model), "")


def tell(mail: GatewayMail, book: RoutingBook, prediction: Prediction, mailboxes: Sequence[Mailbox]) -> Told:
    """The prediction, what is ignored in the mail, and why it may go wrong."""
    found = hints(mail, book)
    taken = {(each.model, each.record) for each in prediction.routes}
    warnings = [
        f"the mail names {each.model} {each.record}, but goes to {_place(prediction)}"
        for each in found
        if each.model and (each.model, each.record) not in taken
    ]
    if len(prediction.routes) > 1:
        warnings.append(f"it is filed {len(prediction.routes)} times: every alias among its recipients takes it")
    answers = prediction.outcome is Outcome.FILED and not any(each.record for each in prediction.routes)
    if mail.answers_by and answers:
        warnings.append(f"it answers a mail, but a new record is made: {_place(prediction)}")
    if book.unread:
        warnings.append(f"the API user may not read {', '.join(book.unread)}; allowed domains and limits are not known")
    strange = (each.id for each in mailboxes if not each.own_addresses.intersection(mail.recipients))
    warnings += [f"none of its recipients is an address of mailbox {name}" for name in strange]
    return Told(prediction, tuple(dict.fromkeys(warnings)), tuple(found))


def _place(prediction: Prediction) -> str:
    places = [f"{each.model} {each.record}" if each.record else f"a new {each.model}" for each in prediction.routes]
    return " and ".join(places) or "no record"


def _lines(told: Told) -> list[str]:
    numbered = [f"{number}. {_plain(step)}" for number, step in enumerate(told.prediction.steps, start=1)]
    kept = ["It is posted as a note, for employees only."] if told.prediction.note else []
    return [*numbered, *kept, *(f"hint: {_plain(each.text)}" for each in told.hints), *_warned(told)]


def _warned(told: Told) -> list[str]:
    return [f"warning: {_plain(each)}" for each in told.warnings]


def _plain(text: str) -> str:
    """What a stranger wrote, so that no terminal obeys it."""
    return "".join(each if each.isprintable() else "?" for each in text)[:1000]


def _members(told: Told) -> dict[str, object]:
    prediction = told.prediction
    return {
        "outcome": prediction.outcome.value,
        "reason": prediction.reason,
        "routes": [asdict(each) for each in prediction.routes],
        "note": prediction.note,
        "steps": list(prediction.steps),
        "warnings": list(told.warnings),
        "hints": [each.text for each in told.hints],
    }

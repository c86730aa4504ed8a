"""`maildesk explain`: for each rule of a mailbox, why it did or did not act on a mail."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from uuid import UUID

import typer

from cli.connection import open_database
from cli.message_ids import spellings
from cli.progress import SQL
from cli.remaking import Remade, first_event, remake
from cli.reporting import exit_codes, out
from cli.setup import migrate_all
from cli.verdict_lines import verdict_lines
from runtime.errors import InvalidInputError
from schemas.mail import ConversationBy, MailArrived, MailSent

MAX_DECISIONS = 20
_TOLD: dict[ConversationBy, str] = {
    "known": "as mail says that came before it",
    "record": "as the record in Odoo says that it is on",
    "references": "as its References say",
    "in-reply-to": "as its In-Reply-To says",
    "thread-index": "as its Thread-Index says",
    "provider-thread": "as its provider says",
    "subject-guess": "as its subject and person suggest, which is a guess",
    "new": "which it began",
}
Undos = dict[UUID, list[Mapping[str, Any]]]
"""The undos of what a decision led to, by the decision's id."""
_INNER = frozenset({"value", "request", "answered_at", "verdicts", "commands"})
"""Columns that are shown otherwise, or not at all."""


def explain(
    message: Annotated[str, typer.Argument(help="The mail's Message-ID, or its event id.", metavar="MESSAGE-ID")],
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    mailbox: Annotated[str | None, typer.Option(help="Only this mailbox's copy of the mail.")] = None,
    run: Annotated[str | None, typer.Option(help="Only this run: `live`, or the id of a manual run.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every decision and verdict as JSON.")] = False,
) -> None:
    """Say for each rule why it did or did not act on a mail: which condition decided, and what it saw.

    Answers with the facts and the rules as they were when it was decided, and checks itself against the log. Exit
    codes: 0 ok, 1 what is found differs from the log, 2 no such mail, decision or rule, 3 the database is down.

    Example: maildesk explain enquiry-1@acme.example --rule vip
    """
    with exit_codes():
        found, undos = asyncio.run(_remade(message, mailbox, run, rule))
        if rule is not None and not any(_verdicts(each, rule) for each in found):
            raise InvalidInputError(found[0].missing(rule))
    if as_json:
        print(json.dumps([_as_json(each, rule, undos) for each in found], default=str))
    else:
        for each in found:
            for line in (*_lines(each, rule), *map(_undo_line, undos.get(each.logged["decision_id"], ()))):
                out.print(line, markup=False, soft_wrap=True)
    if not all(each.agrees for each in found):
        raise typer.Exit(1)


async def _remade(message: str, mailbox: str | None, run: str | None, rule: str | None) -> tuple[list[Remade], Undos]:
    """The decisions, and what was undone of what they led to."""
    async with open_database() as database:
        await migrate_all(database)
        rows = await database.fetch(SQL["decisions_of"], spellings(message), message, mailbox, run, MAX_DECISIONS)
        if not rows:
            raise InvalidInputError(f"there is no decision on a mail {message}; is it in `maildesk log`?")
        undos = await database.fetch(SQL["undos_of"], list({row["event_id"] for row in rows}), rule)
        by_decision: Undos = defaultdict(list)
        for row in undos:
            by_decision[row["decision_id"]].append(row)
        return [await remake(database, row) for row in rows], by_decision


def _verdicts(remade: Remade, rule: str | None) -> list[dict[str, Any]]:
    return [each.model_dump(mode="json") for each in remade.verdicts if rule in (None, each.rule.id)]


def _lines(remade: Remade, rule: str | None) -> Iterator[str]:
    logged = remade.logged
    yield (
        f"Mail {logged['message_id'] or logged['event_id']} in mailbox {logged['mailbox']}, run {logged['run']}: "
        f"{logged['outcome'].replace('_', ' ')}, decided with version {logged['ruleset_version']} of the rules."
    )
    yield _facts_line(first_event(logged))
    if not remade.agrees:
        yield "This differs from the log, which says what happened; the software has changed since:"
        for verdict in json.loads(logged["verdicts"]):
            yield from (f"  in the log: {line}" for line in verdict_lines(verdict))
    verdicts = _verdicts(remade, rule)
    for verdict in verdicts:
        yield from verdict_lines(verdict)
    if rule is not None and not verdicts:
        yield f"{remade.missing(rule)}."


def _facts_line(event: MailArrived | MailSent) -> str:
    """Such as `It belongs to conversation 5b6c…, as its References say; its language seems to be de.`"""
    told = f", {_TOLD[event.conversation_by]}" if event.conversation_by else ""
    language = f"seems to be {event.language}" if event.language else "is not told by its text"
    return f"It belongs to conversation {event.conversation}{told}; its language {language}."


def _undo_line(undo: Mapping[str, Any]) -> str:
    """Such as `Undo of tag (rule vip, action tag) on 2026-03-01 12:00: succeeded: untagged VIP`."""
    what = f"{undo['action_type']} (rule {undo['rule_id']}, action {undo['action_id']})"
    return f"Undo of {what} on {undo['finished_at']:%Y-%m-%d %H:%M}: {undo['state']}: {undo['text']}"


def _as_json(remade: Remade, rule: str | None, undos: Undos) -> dict[str, Any]:
    event = first_event(remade.logged)
    logged = {name: value for name, value in remade.logged.items() if name not in _INNER}
    return {
        **logged,
        "conversation": event.conversation,
        "conversation_by": event.conversation_by,
        "language": event.language,
        "commands": json.loads(remade.logged["commands"]),
        "agrees": remade.agrees,
        "verdicts": _verdicts(remade, rule),
        "undos": [dict(row) for row in undos.get(remade.logged["decision_id"], ())],
    }

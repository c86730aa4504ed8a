"""What actions in Odoo say."""

from collections.abc import Iterator

from schemas.odoo_action import (
    ActivityAction,
    AttachToRecordAction,
    NotifyChannelAction,
    NotifyUserAction,
)
from services.evaluator.wording.words import Words


def attach_to_record(action: AttachToRecordAction, words: Words) -> Iterator[str]:
    """What becomes of a mail that belongs to no record is said as well."""
    yield words.gettext("Attach the mail to the Odoo record that it belongs to.")
    if action.fallback_model:
        # Translators: {model} is a technical name such as “crm.lead”
        yield words.gettext(
            "If there is none, a new record of the model {model} is created.", model=words.quoted(action.fallback_model)
        )
    else:
        yield words.gettext("If there is none, nothing is done.")


def notify_user(action: NotifyUserAction, words: Words) -> Iterator[str]:
    """Whom, and with which text."""
    yield words.ngettext(
        "Notify the user {users} in Odoo: {text}.",
        "Notify the users {users} in Odoo: {text}.",
        len(action.users),
        users=words.all_of(action.users),
        text=words.excerpt(action.text),
    )


def notify_channel(action: NotifyChannelAction, words: Words) -> Iterator[str]:
    """Where, and which text."""
    yield words.gettext(
        "Post in the Odoo channel {channel}: {text}.",
        channel=words.quoted(action.channel),
        text=words.excerpt(action.text),
    )


def activity(action: ActivityAction, words: Words) -> Iterator[str]:
    """What, when, for whom."""
    summary, kind = words.excerpt(action.summary), words.quoted(action.activity_type)
    if action.due_in_days:
        yield words.ngettext(
            "Schedule the Odoo activity {summary} of the type {type}, due {number} day after the mail was received.",
            "Schedule the Odoo activity {summary} of the type {type}, due {number} days after the mail was received.",
            action.due_in_days,
            summary=summary,
            type=kind,
        )
    else:
        yield words.gettext(
            "Schedule the Odoo activity {summary} of the type {type}, due on the day the mail was received.",
            summary=summary,
            type=kind,
        )
    if action.note:
        yield words.gettext("Its note: {note}.", note=words.excerpt(action.note))
    if action.user:
        yield words.gettext("It is assigned to the user {user}.", user=words.quoted(action.user))
    else:
        yield words.gettext("It is assigned to whoever is already responsible.")

"""Records without what people wrote and without who they are: what remains of them after an erasure."""

from schemas.command import ActionCommand, Step
from schemas.mail import MailArrived, MailSent
from schemas.result import ExecutionResult, Produced

ERASED = "erased"
"""The reason why a step whose mail was erased does not act, and the only defect that such an event has."""


def event_without_content(event: MailArrived | MailSent) -> MailArrived | MailSent:
    """The same event: its ids, times, digests and where it stood."""
    gone = {
        "message_id": None,
        "sender": None,
        "to": (),
        "cc": (),
        "reply_to": (),
        "subject": "",
        "date": None,
        "in_reply_to": (),
        "references": (),
        "headers": (),
        "excerpt": "",
        "attachments": (),
        "defects": (ERASED,),
        "odoo": None,
        "own_recipients": (),
        "language": "",
        "content": event.content.model_copy(update={"uri": ""}),
    }
    return event.model_copy(update=gone | ({"original": None} if isinstance(event, MailSent) else {}))


def command_without_content(command: ActionCommand) -> ActionCommand:
    """The same command; neither its step nor those behind it act any more."""
    return command.model_copy(
        update={
            "event": event_without_content(command.event),
            "step": _idle(command.step),
            "slip": tuple(map(_idle, command.slip)),
        }
    )


def _idle(step: Step) -> Step:
    return step.model_copy(update={"skip": ERASED})


def produced_without_content(produced: Produced) -> Produced:
    """Which record it is stays, so that nothing is made twice."""
    return Produced(kind=produced.kind, model=produced.model, res_id=produced.res_id, url=produced.url)


def result_without_content(result: ExecutionResult) -> ExecutionResult:
    """The same result: what became of the command, without words."""
    return result.model_copy(
        update={
            "message_id": None,
            "content_uri": "",
            "text": "",
            "produced": produced_without_content(result.produced),
        }
    )

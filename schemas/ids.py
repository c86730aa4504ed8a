"""Deterministic ids: the same cause always gives the same id, so that a repeat is recognised everywhere.

All are UUIDv5 (RFC 9562 §5.5) below one fixed namespace. The separator cannot occur in the parts.
"""

import re
from collections.abc import Callable
from uuid import UUID, SafeUUID

from pydantic import TypeAdapter

try:
    from _sha1 import sha1  # type: ignore[import-not-found,unused-ignore] # without OpenSSL's way round: half the time
except ImportError:
    from hashlib import sha1

NAMESPACE = UUID("6f7d3f0e-52a5-5c0b-9c8e-3a1f6f0c1b7d")
LIVE = "live"
"""The run of mail as it arrives; every other run has the id of a manual run, rerun or replay."""
FACTS = "facts-"
"""How the run begins in which a mail is decided whose facts Odoo did not give in time: as live, only later."""
BACKLOG = "backlog-"
"""How a run begins in which one rule is applied to mail that was there before it."""
REPLAY = "replay-"
"""How a run begins in which mail is taken once more from the topics on which it arrived."""
RETRY = "retry-"
"""How a run begins that takes up again a command that failed; the command's id follows."""
RETRY_LIVE = f"{RETRY}live-"
"""The same, of a command of a run that decided on new mail: the retry is what should have happened then."""
UNDO = "undo-"
"""How the run begins in which a command is undone."""
_BELOW = sha1(NAMESPACE.bytes, usedforsecurity=False)
_DIGEST_BITS = (1 << 128) - 1 & ~(0xF << 76 | 0x3 << 62)
_VERSION_5 = 0x5 << 76 | 0x2 << 62
_written: Callable[[UUID], bytes] = TypeAdapter(UUID).serializer.to_json
_UNKNOWN = SafeUUID.unknown
_set_int, _set_safe = (vars(UUID)[slot].__set__ for slot in ("int", "is_safe"))
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
_NOWHERE = "maildesk.invalid"
_OWN = re.compile(r"<(?:maildesk\.[0-9a-f]{32}@[^<>\s]+|[0-9a-f]{32}@maildesk\.invalid)>")


def text_of(identity: UUID) -> str:
    """`str(identity)` by pydantic's compiled writer: in half the time, and every mail needs some."""
    return _written(identity)[1:-1].decode()


def _derive(kind: str, *parts: str) -> UUID:
    """What `uuid.uuid5` gives in a third of the time: every decision and command has such an id."""
    digest = _BELOW.copy()
    digest.update("\x1f".join((kind, *parts)).encode())
    return _uuid(int.from_bytes(digest.digest()[:16], "big") & _DIGEST_BITS | _VERSION_5)


def _uuid(bits: int) -> UUID:
    """`UUID(int=bits)` without the checks of its many arguments; pydantic makes them like this too."""
    made = UUID.__new__(UUID)
    _set_int(made, bits)
    _set_safe(made, _UNKNOWN)
    return made


def event_id(direction: str, mailbox: str, content_digest: str) -> UUID:
    """The event of one mail in one mailbox. `content_digest`: see services/ingest/identity.py."""
    return _derive("event", direction, mailbox, content_digest)


def conversation_id(mailbox: str, root: str) -> UUID:
    """The conversation that starts at `root`: the oldest known Message-ID of the thread, or an event id."""
    return _derive("conversation", mailbox, root)


def decision_id(event: UUID, run: str, ruleset_version: int) -> UUID:
    """One evaluation of one event against one version of the rules."""
    return _derive("decision", text_of(event), run, str(ruleset_version))


def decision_text(event: str, run: str, ruleset_version: int) -> str:
    """`str(decision_id(…))` for the text of an event's id: of most decisions, one for every mail, nobody needs more."""
    digest = _BELOW.copy()
    digest.update(f"decision\x1f{event}\x1f{run}\x1f{ruleset_version}".encode())
    found = digest.hexdigest()
    return f"{found[:8]}-{found[8:12]}-5{found[13:16]}-{_VARIANT[found[16]]}{found[17:20]}-{found[20:32]}"


def command_id(event: UUID, run: str, rule: str, action: str) -> UUID:
    """One action of one rule for one event in one run; independent of the rule's revision and position."""
    return _derive("command", text_of(event), run, rule, action)


def undo_run(undone: UUID, again: int = 0) -> str:
    """The run that undoes a command. `again`: how many earlier ones ended without success and are repeated."""
    return f"{UNDO}{text_of(undone)}" + (f"-{again}" if again else "")


def as_it_arrives(run: str) -> bool:
    """Whether a run decides on new mail, not on mail that was handled or lay there already."""
    return run == LIVE or run.startswith((FACTS, RETRY_LIVE))


def retry_run(command: UUID, run: str) -> str:
    """The run that takes up a command of `run` that failed: the same however often somebody asks for it."""
    return f"{RETRY_LIVE if as_it_arrives(run) else RETRY}{text_of(command)}"


def is_retry(run: str) -> bool:
    """Whether the commands of a run may find what an earlier one left behind."""
    return run.startswith(RETRY)


def result_id(command: UUID, sequence: int) -> UUID:
    """The n-th result (from 1) that a command published."""
    return _derive("result", text_of(command), str(sequence))


def external_id(model: str, idempotency_key: str) -> str:
    """The external id (Odoo `ir.model.data`, module `maildesk`) of the one record that a key may create."""
    return f"maildesk.{model.replace('.', '_')}_{_derive('external', model, idempotency_key).hex}"


def message_id(purpose: str, idempotency_key: str) -> str:
    """The Message-ID (RFC 5322 §3.6.4), with its angle brackets, of the one message that a key may post in Odoo.

    Its domain cannot exist (RFC 2606 §2), so nobody else makes such an id.
    """
    return f"<{_derive('message', purpose, idempotency_key).hex}@{_NOWHERE}>"


def reply_message_id(idempotency_key: str, domain: str) -> str:
    """The Message-ID of the one reply that a key may send, in the sender's own domain, as filters of spam like it."""
    return f"<maildesk.{_derive('message', 'auto_reply', idempotency_key).hex}@{domain}>"


def is_own_message_id(text: str) -> bool:
    """Whether a message with that id is one that we made, in whatever case it comes back."""
    return _OWN.fullmatch(text.strip().lower()) is not None

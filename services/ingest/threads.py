"""What joins mails beside their Message-IDs: Outlook's Thread-Index, and, as a last guess, an answer's subject."""

import binascii
import re
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from services.ingest.parse.parsed import ParsedMail

GUESS_WITHIN = timedelta(days=30)
"""A guess joins a mail only to a conversation that had mail so short a time before or after."""
MAX_COUNTERPARTIES = 5
"""A mail to more people is a circular: it neither begins nor joins a conversation by its subject."""
MIN_TOPIC = 3
"""Characters that the subject must have without its prefixes."""
_ROOT_BYTES = 22
_CHILD_BYTES = 5
_MAX_INDEX = 2_000
_ANSWER = (
    "re|aw|antw|antwort|sv|vs|rif|r|ref|res|odp|odpowiedź|ynt|bls|atb|vá|válasz|odg|отв|на|ответ|απ|σχετ"
    "|回复|回覆|答复|返信|답장"
)
_FORWARD = "fw|fwd|wg|tr|rv|enc|i|vb|pd|doorst|vl|továbbítás|пер|προωθ|转发|轉寄|転送|전달"
_PREFIX = re.compile(
    rf"\s*(?:({_ANSWER})|{_FORWARD})\s?(?:\[\d{{1,4}}\]|\(\d{{1,4}}\)|\^\d{{1,4}})?\s?[:\uff1a]", re.IGNORECASE
)


def thread_index(mail: ParsedMail) -> tuple[str, bool] | None:
    """The name of the conversation that Outlook counts a mail to, and whether the mail is an answer in it.

    Source: MS-OXOMSG §2.2.1.3: a header of 22 bytes, of which the last 16 name the conversation, then 5 bytes for each
    answer. Only an answer is joined by it: programs that send from a template repeat the header of that.
    """
    value = next((text for name, text in mail.headers if name.lower() == "thread-index"), "")
    if not value or len(value) > _MAX_INDEX:
        return None
    try:
        index = binascii.a2b_base64("".join(value.split()), strict_mode=True)
    except (binascii.Error, ValueError):
        return None
    answers, rest = divmod(len(index) - _ROOT_BYTES, _CHILD_BYTES)
    if answers < 0 or rest or index[0] != 1:
        return None
    return f"thread-index:{index[6:_ROOT_BYTES].hex()}", answers > 0


def stem(subject: str) -> tuple[str, bool]:
    """A subject without the prefixes of answers and forwards, folded, and whether it says that it is an answer."""
    position, answer = 0, False
    while found := _PREFIX.match(subject, position):
        answer = answer or (position == 0 and found[1] is not None)
        position = found.end()
    return " ".join(subject[position:].split()).casefold(), answer


def stem_keys(mail: ParsedMail, *, outgoing: bool) -> tuple[UUID, ...]:
    """One key for each counterparty, made from it and the stem; none for mail that may not be joined by its subject.

    The counterparty of what arrives is its sender, of what is sent each of its recipients. A key tells neither.
    """
    people = mail.to if outgoing else (mail.sender,) if mail.sender else ()
    named, _ = stem(mail.subject)
    if mail.automatic or len(named) < MIN_TOPIC or not 0 < len(people) + len(mail.cc) <= MAX_COUNTERPARTIES:
        return ()
    people = (*people, *mail.cc) if outgoing else people
    keys = (f"{person.address.casefold()}\x1f{named}" for person in people)
    return tuple(dict.fromkeys(UUID(bytes=sha256(key.encode()).digest()[:16]) for key in keys))


def is_answer(mail: ParsedMail) -> bool:
    """Whether a mail answers one, by what it names or by its subject's prefix."""
    return bool(mail.references or mail.in_reply_to) or stem(mail.subject)[1]


def may_be_guessed(mail: ParsedMail) -> bool:
    """Whether the subject is all there is: an answer, by its prefix, that names no mail."""
    return not mail.references and not mail.in_reply_to and stem(mail.subject)[1]

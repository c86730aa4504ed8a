"""The claims of records that a conversation shares: one lead and one ticket, whichever mailbox or rule makes it."""

import hashlib

from schemas.mail import MailFacts


def record_subjects(database: str, model: str, event: MailFacts) -> tuple[str, str]:
    """One record per conversation, and one per oldest reference, whichever mailbox got the mail.

    References are hashed: they may be longer than an index takes, and hold anything.
    """
    oldest = (*event.references, *event.in_reply_to, event.message_id or str(event.event_id))[0]
    reference = hashlib.sha256(oldest.encode("utf-8", "replace")).hexdigest()
    base = f"record:{database}:{model}"
    return (f"{base}:conversation:{event.conversation}", f"{base}:reference:{reference}")

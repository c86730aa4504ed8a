"""A message that is a record of another system, and no file or folder's entry: what its source knows besides bytes."""

from dataclasses import dataclass

from schemas.mail import NotKept


@dataclass(frozen=True, slots=True)
class File:
    """An attachment, without its content. `size` in bytes."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Hosted:
    """The record.

    identity: names it for ever, in the whole world. record: its id in its database. thread: names the record that its
    conversation is on; empty without one. not_kept: what the system threw away of the mail.
    """

    identity: str
    record: int
    thread: str = ""
    files: tuple[File, ...] = ()
    not_kept: tuple[NotKept, ...] = ()

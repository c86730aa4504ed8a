"""The numbered points between reading a command and forgetting it at which a worker is killed."""

from enum import StrEnum


class Point(StrEnum):
    """In the order in which a worker passes them; those of `auto_reply` alone stand where it passes them."""

    ACCEPTED = "accepted"
    CLAIMED = "claimed"
    NOT_ASKED = "not_asked"
    SENDING = "sending"
    DATA = "data"
    ANSWER_LOST = "answer_lost"
    SECOND_LOST = "second_lost"
    TAKEN = "taken"
    NO_COPY = "no_copy"
    COPIED = "copied"
    ANSWERED = "answered"
    NOT_COMMITTED = "not_committed"
    NOT_PUBLISHED = "not_published"
    NOT_MARKED = "not_marked"
    NOT_FORGOTTEN = "not_forgotten"


WHERE = {
    Point.ACCEPTED: "the command is written down; nothing is claimed",
    Point.CLAIMED: "claim and lease are committed; nothing has begun",
    Point.NOT_ASKED: "the next call would be the first that changes the target",
    Point.SENDING: "`sending` is committed; DATA was not said",
    Point.DATA: "DATA was said; the message was not",
    Point.ANSWER_LOST: "the target has done what the first such call asks for; its answer was not heard",
    Point.SECOND_LOST: "the same of the second such call",
    Point.TAKEN: "the server has taken the message and said so; nothing is noted",
    Point.NO_COPY: "it is noted that the message was taken; there is no copy in Sent",
    Point.COPIED: "the copy lies in Sent; the answer to it was not heard",
    Point.ANSWERED: "every answer was heard; nothing is written down",
    Point.NOT_COMMITTED: "state, claim and result are written down, without COMMIT",
    Point.NOT_PUBLISHED: "that is committed, and the command's offset too; nothing is published",
    Point.NOT_MARKED: "the result is published; that is not written down",
    Point.NOT_FORGOTTEN: "that is written down; the command's offset is not committed",
}
OF_REPLIES = frozenset({Point.SENDING, Point.DATA, Point.TAKEN, Point.NO_COPY, Point.COPIED})
"""Only a mail that is sent passes these."""
DONE = {
    Point.ANSWER_LOST: 1,
    Point.SECOND_LOST: 2,
    Point.TAKEN: 1,
    Point.NO_COPY: 1,
    Point.COPIED: 2,
}
"""Calls that have changed the target; before all of them none has, after them all have."""


def done(point: Point, calls: int) -> int:
    """How many of so many calls."""
    passed = list(Point).index(point) >= list(Point).index(Point.ANSWERED)
    return DONE.get(point, calls if passed else 0)

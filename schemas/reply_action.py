"""The automatic reply."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.action_base import ActionBase
from schemas.text_template import Line, Text


class AutoReplyAction(ActionBase):
    """Answer the sender from the mailbox's own address. Never to automatic mail, lists or ourselves."""

    type: Literal["auto_reply"]
    subject: Annotated[Line, StringConstraints(min_length=1)] = "Re: {subject}"
    text: Text = Field(min_length=1, description="the plain text; may use variables")
    html: Text | None = Field(default=None, description="the same as HTML; values of variables are escaped")

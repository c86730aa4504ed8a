"""What actions on the mail itself say."""

from collections.abc import Iterator

from schemas.mailbox_action import MarkReadAction, MoveFolderAction, StarAction, TagAction
from services.evaluator.wording.words import Words


def tag(action: TagAction, words: Words) -> Iterator[str]:
    """One sentence for what is added, one for what is removed."""
    if action.add:
        yield words.ngettext(
            "Add the tag {tags}.", "Add the tags {tags}.", len(action.add), tags=words.all_of(action.add)
        )
    if action.remove:
        yield words.ngettext(
            "Remove the tag {tags}.", "Remove the tags {tags}.", len(action.remove), tags=words.all_of(action.remove)
        )


def star(action: StarAction, words: Words) -> Iterator[str]:
    """Star, or its removal."""
    yield words.gettext("Star the mail.") if action.starred else words.gettext("Remove the star from the mail.")


def mark_read(action: MarkReadAction, words: Words) -> Iterator[str]:
    """Read or unread."""
    yield words.gettext("Mark the mail as read.") if action.read else words.gettext("Mark the mail as unread.")


def move_folder(action: MoveFolderAction, words: Words) -> Iterator[str]:
    """Where to."""
    yield words.gettext("Move the mail to the folder {folder}.", folder=words.quoted(action.folder))


def original(words: Words) -> str:
    """Said after an action of an after-send rule that means the mail that was answered."""
    return words.gettext("This is done to the original mail that was answered, not to the sent mail.")

"""Message-IDs as people type them."""

import pytest

from cli.message_ids import spellings


@pytest.mark.parametrize("typed", ["a@b", "<a@b>", " <a@b> ", "a@b>", "<a@b"])
def test_brackets_and_spaces_do_not_matter(typed: str) -> None:
    assert spellings(typed) == ["<a@b>", "a@b"]

"""Conditions that compare text say one sentence for each operator."""

from collections.abc import Mapping

from schemas.condition import TextLeaf
from services.evaluator.wording.words import Words


def compared(leaf: TextLeaf, words: Words, sentences: Mapping[str, str], **values: str) -> str:
    """The sentence of the leaf's operator, with its values as {values}."""
    return words.gettext(sentences[leaf.operator], values=words.any_of(leaf.values), **values)

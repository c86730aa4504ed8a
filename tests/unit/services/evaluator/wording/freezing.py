"""The previews of everything, as they are frozen.

`python -m tests.unit.services.evaluator.wording.freezing` writes them. A person who knows the language
reads the difference before it is committed.
"""

from pathlib import Path

from services.evaluator.sentences import preview
from services.evaluator.wording.languages import LANGUAGES
from services.evaluator.wording.words import Words, words_in
from tests.unit.services.evaluator.wording.everything import everything

FROZEN = Path(__file__).parent / "previews"


def previews(words: Words) -> str:
    """Everything in one language."""
    return "\n".join(f"# {rule.id}\n" + "".join(f"{line}\n" for line in preview(rule, words)) for rule in everything())


if __name__ == "__main__":
    for language in LANGUAGES.values():
        (FROZEN / f"{language.code}.txt").write_text(previews(words_in(language)), encoding="utf-8")

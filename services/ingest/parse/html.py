"""HTML to text, in one pass and bounded. Nothing is rendered, loaded or executed."""

import html
import re

MAX_TAGS = 50_000
MANY = 100
_TAG = re.compile(r"/?([A-Za-z][A-Za-z0-9]{0,20})")
_SILENT = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "head", "title", "template", "noscript", "svg", "math", "object", "select")
}
_BLOCKS = frozenset(re.findall(r"\S+", """
    address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6
    header hr li main nav ol p pre section table tbody tfoot thead tr ul
"""))  # fmt: skip
_CELLS = frozenset(("td", "th"))
_BREAK = "\x00"
_MARKS = {**dict.fromkeys(_BLOCKS, _BREAK), **dict.fromkeys(_CELLS, " ")}
"""What a tag stands for; all others stand for nothing."""
_WHOLE_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})[^>]*>")
_LONG_NUMBER = re.compile(r"&#[0-9]{8,}")
_BLANK = " \t\r\n\f\u00a0\u200b\u200c\u034f\ufeff"
_BLANKS = re.compile(f"[{_BLANK}]+")


def strip_html(source: str, enough: int) -> str:
    """The text of an HTML document; reading ends once at least `enough` characters were found."""
    source = source.replace(_BREAK, "")
    if len(source) <= 2 * enough and (text := _without_tags(source)) is not None:
        return _tidy(text)
    out: list[str] = []
    position, length = 0, 0
    for _ in range(MAX_TAGS):
        opening = source.find("<", position)
        text = source[position:] if opening < 0 else source[position:opening]
        if text:
            # Blanks are collapsed here where there may be many, so that a megabyte of them never counts as text.
            out.append(_BLANKS.sub(" ", text) if len(text) > MANY else text)
            length += len(out[-1])
        if opening < 0 or length > 2 * enough:
            break
        mark, position = _after_tag(source, opening)
        out.append(mark)
        if position < 0:
            break
    return _tidy("".join(out))


def _without_tags(source: str) -> str | None:
    """What the loop gives where every `<` begins a tag that is closed, and no element is silent; else None."""
    if source.rfind("<") > source.rfind(">"):
        return None  # else the end would be looked for once from each tag that has none
    found = _WHOLE_TAG.split(source)
    for place in range(1, len(found), 2):
        name = found[place]
        if (mark := _MARKS.get(name)) is None:
            lower = name.lower()
            if lower in _SILENT:
                return None
            mark = _MARKS.get(lower, "")
        found[place] = mark
    text = "".join(found)
    return None if "<" in text else text


def _after_tag(source: str, opening: int) -> tuple[str, int]:
    """What a tag at `opening` stands for, and where to go on; -1: nothing of use follows.

    Every failed search ends the reading, so that no character is searched twice.
    """
    if source.startswith("<!--", opening):
        end = source.find("-->", opening + 4)
        return "", end + 3 if end >= 0 else -1
    tag = _TAG.match(source, opening + 1)
    if tag is None and not source.startswith(("<!", "<?"), opening):
        return "<", opening + 1
    end = source.find(">", opening + 1)
    if tag is None or end < 0:
        return "", end + 1 if end >= 0 else -1
    name = tag[1].lower()
    if name in _SILENT and source[opening + 1] != "/" and source[end - 1] != "/":
        closing = _SILENT[name].search(source, end)
        return "", closing.start() if closing else -1
    return _MARKS.get(name, ""), end + 1


def _tidy(marked: str) -> str:
    """Without entities, blanks at breaks and more than one empty line. Replacing takes a fifth of matching."""
    text = html.unescape(_LONG_NUMBER.sub("\ufffd", marked)) if "&" in marked else marked
    for blank in _BLANK[1:]:
        text = text.replace(blank, " ")
    text = _shortened(text, "  ", " ").replace(f" {_BREAK}", _BREAK).replace(f"{_BREAK} ", _BREAK).replace(_BREAK, "\n")
    return _shortened(text, "\n\n\n", "\n\n").strip()


def _shortened(text: str, run: str, shorter: str) -> str:
    """Without any `run`; so many steps as the longest has digits, not characters."""
    while run in text:
        text = text.replace(run, shorter)
    return text

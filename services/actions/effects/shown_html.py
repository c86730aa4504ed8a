"""HTML of a mail as a chatter may show it: what can act, or can reach beyond its place on the page, is taken out."""

import nh3

MAX_CHARS = 200_000
MAX_TAGS = 4_000
"""A sanitizer takes time with the square of the depth: so many tags inside one another take a third of a second."""
_TAGS = (nh3.ALLOWED_TAGS - {"area", "map"}) | {"font", "tfoot"}
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": {"style", "dir", "lang", "title"},
    "font": {"color", "face", "size"},
    "table": {"align", "bgcolor", "border", "cellpadding", "cellspacing", "width"},
    "td": {"align", "bgcolor", "colspan", "height", "rowspan", "valign", "width"},
    "th": {"align", "bgcolor", "colspan", "height", "rowspan", "valign", "width"},
}
_STYLES = {
    *("background-color", "color", "direction", "display", "height", "line-height", "text-align", "text-decoration"),
    *("border", "border-bottom", "border-collapse", "border-color", "border-left", "border-right", "border-spacing"),
    *("border-style", "border-top", "border-width", "font", "font-family", "font-size", "font-style", "font-weight"),
    *(
        "list-style-type",
        "margin",
        "margin-bottom",
        "margin-left",
        "margin-right",
        "margin-top",
        "max-width",
        "padding",
    ),
    *("padding-bottom", "padding-left", "padding-right", "padding-top", "vertical-align", "white-space", "width"),
}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}


def shown_html(source: str) -> str | None:
    """Sanitized, its elements closed, attributes in double quotes; None where it is too large or too deep to show.

    Images that the mail itself brings keep their `cid:` (RFC 2392).
    """
    if len(source) > MAX_CHARS or source.count("<") > MAX_TAGS:
        return None
    try:
        clean = nh3.clean(
            source.replace("\0", ""),
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes=_SCHEMES,
            filter_style_properties=_STYLES,
        )
    except BaseException as error:
        # A panic of the Rust code is no Exception, and must not end the process for one mail.
        if type(error).__name__ == "PanicException":
            return None
        raise
    return clean.strip()

"""What `rules diff` found, for people: a table, and examples below it."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.reporting import out
from cli.rule_diff_compare import KINDS
from cli.rule_diff_rows import Row, rows_of
from cli.rule_diff_run import Compared

MAX_SHOWN = 100
MAX_WHY = 500
"""A condition's expectation and what it saw, which are cut already."""
_COLUMNS = ("Mailbox", "Rule", "Change", "Before", "After", *(kind.capitalize() for kind in KINDS))
_TEXTS = 3
"""The columns before the numbers."""


def print_report(found: Compared) -> None:
    """For people: a table where there is a terminal, aligned lines elsewhere; then the examples."""
    rows = rows_of(found)
    if rows:
        _print_table(rows)
    for line in (*_examples(rows), *_ending(found)):
        out.print(line, markup=False, soft_wrap=True)


def _cells(row: Row) -> tuple[str, ...]:
    numbers = (row.tally.before, row.tally.after, *row.tally.counts.values())
    return (row.mailbox, row.rule, row.change, *map(str, numbers))


def _print_table(rows: Sequence[Row]) -> None:
    if out.is_terminal:
        out.print(table(rows))
        return
    cells = [_COLUMNS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print("  ".join(map(_aligned, line, widths, range(len(line)))).rstrip())


def table(rows: Sequence[Row]) -> Table:
    """For a terminal: where it is narrow, ids go on in the next line, and numbers never do."""
    found = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, title in enumerate(_COLUMNS):
        text = number < _TEXTS
        found.add_column(title, overflow="fold", justify="left" if text else "right", no_wrap=not text)
    for row in rows:
        found.add_row(*map(escape, _cells(row)))
    return found


def _aligned(text: str, width: int, number: int) -> str:
    return text.ljust(width) if number < _TEXTS else text.rjust(width)


def _examples(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        for kind in KINDS:
            examples = row.tally.examples[kind]
            if not examples:
                continue
            count = row.tally.counts[kind]
            yield f"\n{row.rule}: {count} {kind}" + (f", the newest {len(examples)}:" if count > len(examples) else ":")
            for each in examples:
                name = each.message_id or str(each.event_id)
                yield f"  {each.received_at:%Y-%m-%d %H:%M}  {plain(name)}  {plain(each.subject)}"
                yield f"    {plain(each.why, MAX_WHY)}"


def _ending(found: Compared) -> Iterator[str]:
    comparison = found.comparison
    yield ""
    yield from found.sets.notes
    yield from (f"rule {rule} is not compared: {why}" for rule, why in found.sets.not_compared.items())
    if found.unreadable:
        named = ", ".join(str(each.event_id) for each in found.unreadable_examples)
        yield f"{found.unreadable} mails cannot be read by this version and are not compared, such as {named}"
    if comparison.undecidable:
        yield (
            f"{comparison.undecidable} mails are undecidable: what the rules need of Odoo was not read when the mail "
            "arrived."
        )
    where = f" in {', '.join(found.sets.mailboxes)}" if found.sets.mailboxes else ""
    yield (
        f"{comparison.different} of {comparison.events} mails received since {found.since:%Y-%m-%d %H:%M} UTC{where} "
        f"would be treated differently; compared with version {found.sets.before.version}, nothing changed."
    )


def plain(text: str, most: int = MAX_SHOWN) -> str:
    """Content of a mail for a terminal: on one line, without control characters, cut."""
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text[: most + 1])
    return shown if len(shown) <= most else f"{shown[:most]}…"

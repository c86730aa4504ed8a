"""Rule files: what is read, and for everything that is wrong the file, the line and the field."""

from pathlib import Path
from typing import get_args

import pytest

from cli.rule_files import MAX_FILE_BYTES, load_rule_file
from runtime.errors import InvalidInputError
from schemas.action import ACTION_TYPES
from schemas.condition import Leaf
from schemas.rule import Rule

GOOD = """\
mailbox: support
mailboxes:
  - id: support
    source: {kind: maildir, path: /mail}
rules:
  - id: vip
    when:
      all:
        - {type: sender_domain, equals: [example.com]}
    actions:
      - {id: star, type: star}
  - id: sales-only
    mailbox: sales
    name: 2026-01-01
    actions:
      - {id: t, type: tag, add: [x]}
"""
RULE = "rules:\n  - id: r\n    mailbox: m\n    actions:\n      - {id: a, type: star}\n"


def refusal(tmp_path: Path, text: str | bytes) -> list[str]:
    """The lines of the error, without the file's name."""
    path = tmp_path / "rules.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidInputError) as caught:
        load_rule_file(path)
    lines = caught.value.text.splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_a_good_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(GOOD)
    mailboxes, rules, lines = load_rule_file(path)
    assert [each.id for each in mailboxes] == ["support"]
    assert [(each.id, each.mailbox) for each in rules] == [("vip", "support"), ("sales-only", "sales")]
    assert rules[1].name == "2026-01-01"
    assert {each: GOOD.splitlines()[line - 1].split("id: ")[1].split(",")[0] for each, line in lines.items()} == {
        "vip": "vip",
        "sales-only": "sales-only",
    }


ACTIONS = f"known: {', '.join(ACTION_TYPES)}"
LEAVES = ", ".join(get_args(model.model_fields["type"].annotation)[0] for model in get_args(Leaf))
RULE_FIELDS = f"known: {', '.join(Rule.model_fields)}"
SLUG = "must be lower-case letters, digits, `-`, `_`, `.`, beginning with a letter or digit, at most 63"
STAR = "{id: a, type: star}"
BOX = "mailbox: m"
OUTER = "mailbox: m\n    "
ALL = "mailbox: m\n    when:\n      all:\n        - "

MISTAKES = [
    ("type: star}", "type: tagg}", f'5: rules[0].actions[0].type: unknown action "tagg"; {ACTIONS}'),
    (STAR, "{id: a}", f"5: rules[0].actions[0]: names no action: its type is missing; {ACTIONS}"),
    (STAR, "{type: star}", "5: rules[0].actions[0].id: is missing"),
    (STAR, "star", "5: rules[0].actions[0]: must be a mapping (`field: value` lines)"),
    (STAR, f"{STAR}\n      - {STAR}", '6: rules[0].actions[1].id: the id "a" is already used in line 5'),
    (
        "star}",
        "star, colour: red}",
        '5: rules[0].actions[0].colour: unknown field "colour"; known: id, scope, window, target, type, starred',
    ),
    (
        "star}",
        "star, scope: {every: 2x}}",
        '5: rules[0].actions[0].scope.every: write a duration as "30m", "12h" or "7d", from 1 minute to 366 days',
    ),
    (
        "star}",
        "star, scope: {each: sender}}",
        '5: rules[0].actions[0].scope.each: unknown field "each"; known: every, per',
    ),
    ("star}", "star, scope: sender}", "5: rules[0].actions[0].scope: should be 'message' or 'thread'"),
    (
        "star}",
        "star, window: {to: 17:30}}",
        "5: rules[0].actions[0].window.to: must be text, found a number; put it into quotes",
    ),
    (
        "star}",
        "star, window: {zone: UTC}}",
        '5: rules[0].actions[0].window.zone: unknown field "zone"; '
        "known: days, from, to, time_zone, closed, on_or_after, before",
    ),
    (
        "star}",
        "star, window: {days: [mon], time_zone: Berlin}}",
        "5: rules[0].actions[0].window.time_zone: unknown time zone; give a name of the IANA database, "
        "such as Europe/Berlin",
    ),
    (
        "star}",
        "star, window: {on_or_after: 2026-12-31, before: 2026-12-01}}",
        "5: rules[0].actions[0].window: before must be later than on_or_after: before is the day after the last one",
    ),
    (BOX, f"{OUTER}prio: 3", f'4: rules[0].prio: unknown field "prio"; {RULE_FIELDS}'),
    ("    mailbox: m\n", "", "2: rules[0].mailbox: is missing"),
    ("id: r", "id: Röt", f"2: rules[0].id: {SLUG}"),
    ("id: r", "id: 12", "2: rules[0].id: must be text, found a number; put it into quotes"),
    ("id: r", "id: !!python/name:os.x r", "2: rules[0].id: the tag !!python/name:os.x is not supported"),
    (BOX, f"{OUTER}name: yes", "4: rules[0].name: must be text, found yes/no; put it into quotes"),
    (BOX, f"{OUTER}trigger: x", "4: rules[0].trigger: should be 'incoming', 'after_send' or 'manual'"),
    (BOX, f"{OUTER}mailbox: n", "4: rules[0].mailbox: given twice, here and in line 3"),
    (
        BOX,
        f"{OUTER}when: {{type: moon}}",
        f'4: rules[0].when.type: unknown condition "moon"; known: all, any, none, {LEAVES}',
    ),
    (
        BOX,
        f"{OUTER}when: []",
        f"4: rules[0].when: names no condition: give all, any or none with a list, or a type; known types: {LEAVES}",
    ),
    (
        BOX,
        f"{ALL}any:\n          - type: subject",
        "7: rules[0].when.all[0].any[0]: give exactly one of equals, contains, starts, ends, matches; found none",
    ),
    (
        BOX,
        f"{ALL}type: subject\n          contains: x",
        "7: rules[0].when.all[0].contains: must be a list, such as [a, b]",
    ),
    (
        BOX,
        f"{ALL}type: sender\n          equal: [x]",
        '7: rules[0].when.all[0].equal: unknown field "equal"; known: equals, contains, starts, ends, matches, type',
    ),
    (
        BOX,
        f"{ALL}type: recipient\n          inn: to",
        '7: rules[0].when.all[0].inn: unknown field "inn"; known: equals, contains, starts, ends, matches, type, in',
    ),
    (
        BOX,
        f"{ALL}type: header\n          name: 'X Y'\n          present: true",
        "7: rules[0].when.all[0].name: a header's name is ASCII without spaces and without its colon; found ' '",
    ),
    (
        BOX,
        f"{ALL}type: subject\n          matches: ['(a)\\1']",
        "7: rules[0].when.all[0].matches[0]: the pattern is refused by RE2: invalid escape sequence: \\1; "
        "back-references are not supported",
    ),
    (
        BOX,
        f"{OUTER}when: {{any: []}}",
        "4: rules[0].when.any: the list should have at least 1 item, not 0",
    ),
    (
        BOX,
        f"{ALL}type: attachments\n          present: true\n          content_type: [pdf]",
        "8: rules[0].when.all[0].content_type[0]: write a content type, such as application/pdf or image/*",
    ),
    (BOX, f'{OUTER}when: {{type: subject, contains: [""]}}', "4: rules[0].when.contains[0]: must not be empty"),
    (
        BOX,
        f"{OUTER}when: {{type: odoo_domain, on: partner, domain: [[country_id.code, in, [DE, NO]]]}}",
        '4: rules[0].when.domain[0][2][1]: YAML reads NO as yes/no; write "NO", true or false',
    ),
    (
        BOX,
        f"{OUTER}when: {{type: subject, equals: [on]}}",
        '4: rules[0].when.equals[0]: YAML reads on as yes/no; write "on", true or false',
    ),
    ("rules:", "rule:", '1: rule: unknown field "rule"; known: mailbox, mailboxes, rules'),
    ("rules:", "mailbox: [x]\nrules:", "1: mailbox: must be the id of a mailbox, as text"),
]


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES)
def test_each_mistake_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in RULE
    assert expected in refusal(tmp_path, RULE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "1: the file must have `rules:` or `mailboxes:` at its top"),
        (b"- 1", "1: the file must have `rules:` or `mailboxes:` at its top"),
        (b"rules: 5", "1: rules: must be a list (`- id: \xe2\x80\xa6` lines)".encode("latin-1").decode()),
        (b"rules:\n  - 5", "2: rules[0]: must be a mapping (`field: value` lines)"),
        (b"rules:\n  - {a: b", "3: not valid YAML: did not find expected ',' or '}'"),
        (b"rules: []\n---\nrules: []\n", "2: not valid YAML: but found another document"),
        (b"a: 1\nb: \xff", "2: not UTF-8; save the file as UTF-8"),
        (b"x: " + b"[" * 60 + b"]" * 60, "1: nested deeper than 50 levels"),
        (b"x: &x\n  - *x", "1: aliases (*name) expand to more than 1000000 values, or into themselves"),
        (b"? [a]\n: b", "1: a key must be plain text"),
        (
            b"mailboxes:\n  - {id: m, source: {kind: pop}}",
            '2: mailboxes[0].source.kind: unknown source "pop"; known: imap, maildir, mbox, eml, odoo, pop3',
        ),
        (
            b"mailboxes:\n  - {id: m, source: {kind: imap, host: h, username: u, password: hunter2}}",
            "2: mailboxes[0].source.password: must be the NAME of a secret in capital letters, never the secret itself",
        ),
    ],
)
def test_files_that_are_no_rule_files(tmp_path: Path, text: bytes, expected: str) -> None:
    found = refusal(tmp_path, text)
    assert expected in found
    assert not any("hunter2" in line for line in found)


def test_every_problem_is_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        GOOD.replace("type: star", "type: stars")
        .replace("id: sales-only", "id: vip")
        .replace("sender_domain", "domain")
    )
    assert [line.split(":")[0] for line in refusal(tmp_path, text)] == ["9", "11", "12"]
    assert 'the id "vip" is already used in line 6' in refusal(tmp_path, text)[2]


def test_actions_that_are_wrong_are_not_called_missing(tmp_path: Path) -> None:
    assert len(refusal(tmp_path, RULE.replace("type: star", "type: stars"))) == 1


def test_an_alias_bomb_is_refused_quickly(tmp_path: Path) -> None:
    levels = [b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    levels += [b"a%d: &a%d [%s]" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)]
    assert "expand to more than" in refusal(tmp_path, b"\n".join(levels))[0]


def test_a_harmless_alias_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        RULE.replace("{id: a, type: star}", "&star {id: a, type: star}")
        + RULE.replace("rules:\n", "").replace("id: r", "id: s").replace("{id: a, type: star}", "*star")
    )
    assert [each.id for each in load_rule_file(path).rules] == ["r", "s"]


def test_a_file_that_is_too_large_or_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"#" * (MAX_FILE_BYTES + 1)) == [" larger than 16 MB; split it"]
    with pytest.raises(InvalidInputError, match="cannot be read: No such file"):
        load_rule_file(tmp_path / "missing.yaml")
    with pytest.raises(InvalidInputError, match="cannot be read: Is a directory"):
        load_rule_file(tmp_path)


def test_many_problems_are_cut(tmp_path: Path) -> None:
    found = refusal(tmp_path, "rules:\n" + "  - {}\n" * 500)
    assert len(found) == 101
    assert found[-1] == " and 1400 more"


def test_yes_and_no_are_taken_where_only_they_can_stand(tmp_path: Path) -> None:
    text = RULE.replace("type: star}", "type: star, starred: no}").replace(
        BOX, f"{OUTER}enabled: on\n    when: {{type: odoo_domain, on: partner, domain: [[active, '=', false]]}}"
    )
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    (rule,) = load_rule_file(path).rules
    assert rule.enabled
    assert rule.actions[0].model_dump()["starred"] is False

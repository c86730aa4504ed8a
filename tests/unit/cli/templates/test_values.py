"""What is given for parameters: read by kind, and for everything that is wrong the parameter and the remedy."""

from pathlib import Path
from typing import Any

import pytest

from cli.templates.given import given
from cli.templates.library import templates
from cli.templates.values import checked
from cli.templates.wording import english
from runtime.errors import InvalidInputError
from tests.unit.cli.templates.making_rules import NEEDED, made_of


def taken(name: str, *sets: str, file: Path | None = None) -> dict[str, Any]:
    return checked(templates()[name], given(templates()[name], sets, file), english)


def refusal(name: str, *sets: str, file: Path | None = None) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        taken(name, *sets, file=file)
    return caught.value.text.splitlines()


DATES = ("first_day=2027-07-19", "back_on=2027-08-09")
ADDRESS = "write an address as name@example.com, without its display name"
DOMAIN = "write a domain as example.com, without @, * or spaces"
LONG = "x" * 501

WRONG = [
    ("vip-routing", "addresses=ceo", f"addresses[0]: {ADDRESS}"),
    ("vip-routing", "addresses=a@b.example,Ann <a@b.example>", f"addresses[1]: {ADDRESS}"),
    ("vip-routing", "addresses=a@b@c.example", f"addresses[0]: {ADDRESS}"),
    ("vip-routing", "addresses=a@-..example", f"addresses[0]: {ADDRESS}"),
    ("vip-routing", "domains=*.example.org", f"domains[0]: {DOMAIN}"),
    ("vip-routing", "domains=@example.org", f"domains[0]: {DOMAIN}"),
    ("vip-routing", "domains=a.example,,b.example", f"domains[1]: {DOMAIN}"),
    ("vip-routing", "domains=" + "a" * 64 + ".example", f"domains[0]: {DOMAIN}"),
    ("vip-routing", "tag=" + "t" * 61, "tag: String should have at most 60 characters"),
    ("vip-routing", "tag=", "tag: must have a value; leave it out to use the default"),
    ("vip-routing", "tag=a\x1b[2J", "tag: holds the control character U+001B; leave it out"),
    ("vip-routing", "users=" + ",".join("abcdefghijklmnopqrstu"), "users: the list should have at most 20 items"),
    ("vip-routing", "channel= ", "channel: must not be empty"),
    ("vip-routing", "text={sender}", "text: there is no variable {sender}; known: subject, sender_name, "),
    ("vip-routing", "text=}", "text: a single '}' is no text; write '}}' for the brace itself"),
    ("vip-routing", "order=soon", "order: should be a valid integer"),
    ("vip-routing", "order=1.5", "order: should be a valid integer"),
    ("vip-routing", "order=-1", "order: must be at least 0"),
    ("vip-routing", "order=1000001", "order: must be at most 1000000"),
    ("crm-intake", "becomes=ticket", "becomes: must be one of: lead, opportunity"),
    ("crm-intake", f"words={LONG}", "words[0]: String should have at most 500 characters"),
    ("crm-intake", "words=a\nb", "words[0]: must be one line"),
    ("crm-intake", "team=0", "team: must be at least 1"),
    ("crm-intake", "record_name={nobody}", "record_name: there is no variable {nobody}; known: "),
    ("channel-notification", "days=monday", "days[0]: should be 'mon', 'tue', "),
    ("channel-notification", "opens=8", 'opens: write a time as "09:00", from "00:00" to "23:59"; midnight is "00:00"'),
    ("channel-notification", "time_zone=Berlin", "time_zone: unknown time zone; give a name of the IANA database"),
    ("channel-notification", "at_most_every=2x", 'at_most_every: write a duration as "30m", "12h" or "7d"'),
    ("vacation", "every=90d", "every: must be at most 60d"),
    ("vacation", "every=1h", "every: must be at least 1d"),
    ("vacation", "first_day=1 July", "first_day: write a date as 2026-12-31"),
    ("vacation", "first_day=2027-02-30", "first_day: should be a valid date or datetime, day value is outside"),
    ("vacation", "back_on=2027-07-19", "back_on: must be later than first_day, which is 2027-07-19"),
    ("vacation", "subject=a\nb", "subject: must be one line"),
    ("acknowledgement", "text=", "text: must have a value; leave it out to use the default"),
    ("acknowledgement", "text=" + "x" * 20_001, "text: String should have at most 20000 characters"),
    ("helpdesk-intake", "queue=1", 'queue: unknown field "queue"; known: recipients, except_domains, '),
    ("helpdesk-intake", "tag", "--set tag: write it as NAME=VALUE"),
]


@pytest.mark.parametrize(("name", "set_", "said"), WRONG)
def test_each_bad_value_is_named(name: str, set_: str, said: str) -> None:
    tried = set_.partition("=")[0]
    needed = {key: ",".join(v) if isinstance(v, list) else v for key, v in NEEDED[name].items() if key != tried}
    found = refusal(name, set_, *(f"{key}={value}" for key, value in needed.items()))
    assert len(found) == 1, found
    assert found[0].startswith(said), found


def test_every_parameter_has_a_bad_value_above_or_takes_any_text() -> None:
    tried = {(name, set_.split("=")[0].split("[")[0]) for name, set_, _ in WRONG}
    kinds = {templates()[name].parameter(key).kind for name, key in tried if key not in ("queue", "tag")} | {"tag"}
    assert kinds == {each.kind for template in templates().values() for each in template.parameters}


def test_what_is_missing_is_said_with_what_it_is_for() -> None:
    assert refusal("vacation") == [
        "first_day: is required. The first day of the absence, such as 2027-07-19.",
        "back_on: is required. The day of the return, such as 2027-08-09. From this day on nobody is answered.",
    ]
    assert refusal("vip-routing") == [
        "addresses or domains: give at least one of them",
        "users or channel: give at least one of them",
    ]


def test_all_problems_are_named_at_once() -> None:
    found = refusal("vacation", "first_day=x", "every=90d", "subject={x}", "colour=red", "oops")
    assert [line.split(":")[0] for line in found] == [
        "--set oops",
        "back_on",
        "first_day",
        "every",
        "subject",
        "colour",
    ]


def test_lists_are_comma_separated_or_repeated_and_others_are_given_once() -> None:
    found = taken("crm-intake", "words=a, b", "words=c", "recipients=", "tag=")
    assert (found["words"], found["recipients"], found["tag"]) == (["a", "b", "c"], None, None)
    assert refusal("crm-intake", "team=1", "team=2") == ["team: given twice; it takes one value"]


def test_values_of_a_file_keep_their_types_and_set_goes_before_them(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text('words: ["a, b", c]\nteam: 3\nuser: 4\nrecipients: [help@x.example]\ntag: null\n')
    found = taken("crm-intake", "user=5", "words=d", file=file)
    assert (found["words"], found["team"], found["user"], found["tag"]) == (["d"], 3, 5, None)
    assert taken("crm-intake", file=file)["words"] == ["a, b", "c"]
    file.write_text("")
    assert taken("crm-intake", file=file) == taken("crm-intake")


def test_problems_of_a_file_are_named_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    known = ", ".join(each.name for each in templates()["crm-intake"].parameters)
    file.write_text("team: true\nwords: offer\nrecipients:\n  - a@b.example\n  - nobody\ncolour: red\nbecomes: 5\n")
    assert refusal("crm-intake", "user=no", file=file) == [
        f"{file}:5: recipients[1]: {ADDRESS}",
        f"{file}:2: words: must be a list, such as [a, b]",
        f"{file}:7: becomes: must be text, found a number; put it into quotes",
        f"{file}:1: team: should be a valid integer",
        "user: should be a valid integer",
        f'{file}:6: colour: unknown field "colour"; known: {known}',
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "1: must hold a `name: value` line for each parameter"),
        ("{a", "2: not valid YAML: "),
        ("team: 1\nteam: 2", "2: team: given twice, here and in line 1"),
        ("team: !!python/name:os.x y", "1: team: the tag !!python/name:os.x is not supported"),
    ],
)
def test_files_of_values_that_cannot_be_read(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(text)
    assert refusal("crm-intake", file=file)[0].startswith(f"{file}:{said}")


@pytest.mark.parametrize(("mailbox", "identity", "option"), [("Support", "a", "--mailbox"), ("support", "a b", "--id")])
def test_ids_that_are_none(mailbox: str, identity: str, option: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^{option}: must be lower-case letters, digits"):
        made_of("crm-intake", {}, mailbox=mailbox, identity=identity)


def test_what_only_the_rule_refuses_is_named_with_its_parameters() -> None:
    values = {"channel": "c", "opens": "09:00", "closes": "09:00"}
    with pytest.raises(InvalidInputError) as caught:
        made_of("channel-notification", values)
    assert caught.value.text == (
        "opens, closes, time_zone: rules[0].actions[0].window: from and to cover the whole day; leave both out"
    )

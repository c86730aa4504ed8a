"""What the client does when the connection or Odoo's database lets it down; the stand-in orders the faults."""

import asyncio

import pytest

from connectors.odoo.port import OdooAccount, Post
from connectors.odoo.standin import Trouble, Troubles
from runtime.errors import OutcomeUnknownError, TargetDownError, TransientError
from tests.contract.odoo.conftest import Site, connect


def troubles(site: Site) -> Troubles:
    assert site.standin is not None
    return site.standin.troubles


def calls(site: Site, method: str) -> int:
    assert site.standin is not None
    return site.standin.calls.count(method)


async def test_dropped_after_the_commit_is_looked_up_not_repeated(pretend: Site) -> None:
    troubles(pretend).fail_next(Trouble.DROP_AFTER, method="load")
    lead = await pretend.lead("dropped")
    assert calls(pretend, "load") == 1
    assert await pretend.odoo.resolve_external_ids([pretend.xid("dropped")]) == {
        pretend.xid("dropped"): ("crm.lead", lead)
    }


@pytest.mark.parametrize("trouble", [Trouble.DROP_BEFORE, Trouble.HTTP_500, Trouble.SERIALIZATION, Trouble.LOAD_RACE])
async def test_lost_before_the_commit_is_looked_up_then_repeated(pretend: Site, trouble: Trouble) -> None:
    troubles(pretend).fail_next(trouble, method="load", times=2)
    await pretend.lead("lost")
    assert calls(pretend, "load") == 3
    assert calls(pretend, "search_read") == 2


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.DROP_BEFORE, "odoo-outcome-unknown"),
        (Trouble.SERIALIZATION, "odoo-conflict"),
        (Trouble.LOAD_RACE, "odoo-conflict"),
    ],
)
async def test_patience_ends(pretend: Site, trouble: Trouble, code: str) -> None:
    troubles(pretend).fail_next(trouble, method="load", times=100)
    with pytest.raises(TransientError) as caught:
        await pretend.lead("never")
    assert caught.value.code == code
    assert calls(pretend, "load") == 4


async def test_a_lost_race_takes_the_winners_record(pretend: Site) -> None:
    assert pretend.standin is not None
    rpc = pretend.standin.rpc
    context = {"context": {"mode": "update", "noupdate": True}}
    winner = [["id", "name"], [[pretend.xid("raced"), "Winner"]]]

    def win() -> None:
        rpc.dispatch("object", "execute_kw", ["maildesk", 2, "admin", "crm.lead", "load", winner, context])

    troubles(pretend).fail_next(Trouble.LOAD_RACE, method="load", before=win)
    lead = await pretend.lead("raced")
    assert (await pretend.one("crm.lead", lead, "name"))["name"] == "Winner"
    assert calls(pretend, "load") == 1


async def test_down_while_loading_is_raised_at_once(pretend: Site) -> None:
    troubles(pretend).fail_next(Trouble.HTTP_503, method="load")
    with pytest.raises(TargetDownError) as caught:
        await pretend.lead("down")
    assert caught.value.code == "odoo-down"
    assert calls(pretend, "load") == 1


@pytest.mark.parametrize("trouble", [Trouble.DROP_BEFORE, Trouble.DROP_AFTER])
async def test_a_post_is_never_repeated_by_itself(pretend: Site, trouble: Trouble) -> None:
    lead = await pretend.lead("posted")
    troubles(pretend).fail_next(trouble, method="message_post")
    post = Post("<fixed@maildesk.invalid>", "<p>Hi</p>")
    with pytest.raises(OutcomeUnknownError):
        await pretend.odoo.message_post("crm.lead", lead, post)
    assert calls(pretend, "message_post") == 1
    found = await pretend.odoo.find_message(post.message_id)
    assert (found is not None) is (trouble is Trouble.DROP_AFTER)
    assert await pretend.odoo.message_post("crm.lead", lead, post) == (await pretend.odoo.find_message(post.message_id))
    assert calls(pretend, "message_post") == (1 if trouble is Trouble.DROP_AFTER else 2)


async def test_an_answer_that_comes_too_late_is_an_unknown_outcome(pretend: Site) -> None:
    hasty = connect(pretend.account, seconds=1.0)
    await hasty.fields_get("crm.lead")
    troubles(pretend).delay = 10.0
    with pytest.raises(OutcomeUnknownError):
        await hasty.call("crm.lead", "create", [{"name": "late"}])
    troubles(pretend).delay = 0.0
    await hasty.close()


async def test_no_free_connection_is_told_as_not_sent(pretend: Site) -> None:
    narrow = connect(pretend.account, seconds=2.0, concurrency=1)
    await narrow.fields_get("crm.lead")
    troubles(pretend).delay = 1.2
    answers = await asyncio.gather(*(narrow.call("crm.lead", "search", [[]]) for _ in range(4)), return_exceptions=True)
    codes = [getattr(answer, "code", "answered") for answer in answers]
    assert codes == ["answered", "answered", "odoo-busy", "odoo-busy"]
    troubles(pretend).delay = 0.0
    await narrow.close()


async def test_a_password_that_changes_is_found_out(pretend: Site) -> None:
    await pretend.lead("before")
    assert pretend.standin is not None
    pretend.standin.rpc.passwords["admin"] = "changed"
    with pytest.raises(TargetDownError) as caught:
        await pretend.lead("after")
    assert caught.value.code == "odoo-login"
    pretend.standin.rpc.passwords["admin"] = "admin"
    await pretend.lead("after")


async def test_a_password_in_odoos_text_is_hidden(pretend: Site) -> None:
    account = OdooAccount(pretend.account.url, "s3cret-word", "admin", "s3cret-word")
    stranger = connect(account)
    with pytest.raises(TargetDownError) as caught:
        await stranger.fields_get("crm.lead")
    assert 'database "***" does not exist' in caught.value.text
    await stranger.close()


async def test_nothing_listens(unused_tcp_port: int) -> None:
    nobody = connect(OdooAccount(f"http://127.0.0.1:{unused_tcp_port}", "maildesk", "admin", "admin"))
    with pytest.raises(TargetDownError) as caught:
        await nobody.load("crm.lead", ["id", "name"], [["m.a", "A"]])
    assert caught.value.code == "odoo-down"
    await nobody.close()


async def test_a_login_that_breaks_is_no_unknown_outcome(pretend: Site) -> None:
    stranger = connect(pretend.account)
    troubles(pretend).fail_next(Trouble.DROP_AFTER, method="authenticate")
    with pytest.raises(TargetDownError) as caught:
        await stranger.call("crm.lead", "create", [{"name": "A"}])
    assert caught.value.code == "odoo-down"
    await stranger.close()

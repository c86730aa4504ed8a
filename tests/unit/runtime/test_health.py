"""The four pages that a process serves, on a real port."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from runtime.health import Health, serve_health


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def session(health: Health) -> AsyncIterator[aiohttp.ClientSession]:
    runner, port = await serve_health(health, "127.0.0.1", 0)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        yield client
    await runner.cleanup()


async def test_alive_says_nothing_of_others(session: aiohttp.ClientSession, health: Health) -> None:
    health.set("kafka", ready=False, detail="away")
    async with session.get("/healthz") as answer:
        assert answer.status == 200


async def test_not_ready_before_anything_was_named(session: aiohttp.ClientSession) -> None:
    async with session.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (503, {"ready": False, "components": {}})


async def test_readyz_names_what_is_missing(session: aiohttp.ClientSession, health: Health) -> None:
    health.set("postgres", ready=True)
    health.set("kafka", ready=False, detail="Kafka: no broker answers")
    async with session.get("/readyz") as answer:
        body = await answer.json()
    assert answer.status == 503
    assert body["components"]["kafka"] == {"ready": False, "detail": "Kafka: no broker answers"}
    assert body["components"]["postgres"]["ready"] is True


async def test_ready_when_all_answer_or_are_not_needed_any_more(session: aiohttp.ClientSession, health: Health) -> None:
    health.set("kafka", ready=True)
    health.set("backfill", ready=False)
    health.drop("backfill")
    health.drop("never there")
    async with session.get("/readyz") as answer:
        assert answer.status == 200


async def test_status_shows_facts_whether_ready_or_not(session: aiohttp.ClientSession, health: Health) -> None:
    health.facts["ruleset_version"] = 17
    health.facts["since"] = object
    async with session.get("/status") as answer:
        body = await answer.json()
    assert answer.status == 200
    assert body["facts"]["ruleset_version"] == 17


async def test_metrics_are_in_the_format_of_prometheus(session: aiohttp.ClientSession) -> None:
    async with session.get("/metrics") as answer:
        text = await answer.text()
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert "python_info" in text


async def test_metrics_are_openmetrics_for_who_asks(session: aiohttp.ClientSession) -> None:
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    async with session.get("/metrics", headers={"Accept": accept}) as answer:
        text = await answer.text()
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")
    assert "_created" not in text


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text;version=x", "*/*", "application/json", ";;,,="])
async def test_who_asks_for_nothing_that_is_known_gets_text(session: aiohttp.ClientSession, accept: str) -> None:
    async with session.get("/metrics", headers={"Accept": accept}) as answer:
        assert answer.status == 200
        assert "python_info" in await answer.text()


async def test_other_paths_are_unknown(session: aiohttp.ClientSession) -> None:
    async with session.get("/secrets") as answer:
        assert answer.status == 404

"""The stand-in keeps what it acknowledged, also through kill -9."""

import asyncio
import sys
from contextlib import closing
from pathlib import Path

import pytest

from connectors.odoo.port import Loaded, OdooAccount
from connectors.odoo.standin.store import Store
from runtime.errors import TargetDownError
from tests.contract.odoo.conftest import connect


async def test_kill_nine_loses_nothing_acknowledged(tmp_path: Path, unused_tcp_port: int) -> None:
    state = tmp_path / "state" / "odoo.journal"
    account = OdooAccount(f"http://127.0.0.1:{unused_tcp_port}", "maildesk", "admin", "admin")
    loaded: list[int] = []
    for run in range(2):
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "connectors.odoo.standin", "--port", str(unused_tcp_port), "--state", str(state)]
        )
        odoo = connect(account)
        async with asyncio.timeout(20):
            while True:
                try:
                    await odoo.version()
                    break
                except TargetDownError:
                    await asyncio.sleep(0.05)
        for i in range(20):
            rows = [[f"kill.r{run}x{i}", f"Lead {i}"]]
            (result,) = (await odoo.load("crm.lead", ["id", "name"], rows)).results
            assert isinstance(result, Loaded)
            loaded.append(result.id)
        known = await odoo.search_read("crm.lead", [], ["name"], limit=1000)
        assert [row["id"] for row in known] == loaded
        process.kill()
        await process.wait()
        await odoo.close()
    with state.open("ab") as journal:
        journal.write(b'[["crm.lead",999,{"na')
    with closing(Store(state)) as store:
        assert sorted(store.tables["crm.lead"]) == loaded


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    state = tmp_path / "odoo.journal"
    with closing(Store(state)) as store:
        with store.transaction():
            store.put("crm.tag", 1, {"name": "kept"})
        with pytest.raises(ZeroDivisionError):
            _change_and_fail(store)
        assert store.tables["crm.tag"] == {1: {"name": "kept"}}
    with closing(Store(state)) as again:
        assert again.tables["crm.tag"] == {1: {"name": "kept"}}


def test_ids_of_deleted_records_never_come_again(tmp_path: Path) -> None:
    state = tmp_path / "odoo.journal"
    for _ in range(3):
        with closing(Store(state)) as store:
            with store.transaction():
                used = store.next_id("crm.tag")
                store.put("crm.tag", used, {"name": "short-lived"})
            with store.transaction():
                store.put("crm.tag", used, None)
    assert used == 3


def _change_and_fail(store: Store) -> None:
    with store.transaction():
        store.put("crm.tag", 1, {"name": "lost"})
        store.put("crm.tag", 2, {"name": "lost"})
        raise ZeroDivisionError

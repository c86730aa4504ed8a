"""Many accounts in one process, on a real Dovecot over TLS."""

import pytest

from bench.ingest_accounts import ACCOUNTS, AIM_MB, memory_of_accounts


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_five_hundred_accounts_fit_into_one_process() -> None:
    assert ACCOUNTS == 500
    assert memory_of_accounts(ACCOUNTS) < AIM_MB == 500

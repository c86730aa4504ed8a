import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.mailbox.logins import Logins
from runtime.errors import TargetDownError


def test_few_are_at_one_server_at_once_and_all_have_their_turn() -> None:
    logins, lock, now, most = Logins(at_once=3), threading.Lock(), 0, 0

    def login(_: int) -> None:
        nonlocal now, most
        with logins.turn("mail.example", 993):
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.005)
            with lock:
                now -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(login, range(24)))
    assert most == 3


def test_a_server_that_does_not_answer_holds_up_nobody_elses_accounts() -> None:
    logins = Logins(at_once=1, patience=0.02)
    with logins.turn("slow.example", 993):
        with logins.turn("mail.example", 993), logins.turn("slow.example", 143):
            pass
        with pytest.raises(TargetDownError, match=r"slow\.example:993") as failed, logins.turn("slow.example", 993):
            pytest.fail("there is no turn")
    assert failed.value.code == "imap-connect"
    with logins.turn("slow.example", 993):
        pass


def test_a_failed_login_gives_its_turn_back() -> None:
    logins = Logins(at_once=1, patience=0.02)
    for _ in range(3):
        with pytest.raises(OSError, match="refused"), logins.turn("mail.example", 993):
            raise OSError("refused")

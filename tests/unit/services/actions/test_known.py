"""What a process has in its hands is not read again; what is stored counts."""

import gc

from services.actions.known import Known
from tests.unit.services.actions.making import command, mail, new


def test_it_keeps_nothing_alive() -> None:
    known, held = Known(), new(command(mail(1)))
    known.remember([held, new(command(mail(2)))])
    gc.collect()
    ids = [command(mail(number)).command_id for number in (1, 2, 3)]
    assert known.of(ids) == {held.command.command_id: held.command}
    del held
    gc.collect()
    assert known.of(ids) == {}

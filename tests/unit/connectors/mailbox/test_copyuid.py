import pytest

from connectors.mailbox.copyuid import copied

MEANT: list[tuple[list[bytes], dict[int, tuple[int, int]]]] = [
    ([b"38505 304,319:320 3956:3958"], {304: (38505, 3956), 319: (38505, 3957), 320: (38505, 3958)}),
    ([b"7 320,304 9,8"], {320: (7, 9), 304: (7, 8)}),
    ([b"7 304 1", b"7 319:320 2:3"], {304: (7, 1), 319: (7, 2), 320: (7, 3)}),
    ([b"7 304,999 1,2"], {304: (7, 1)}),
]
UNCLEAR = [
    [],
    [b""],
    [b"7 304"],
    [b"x 304 1"],
    [b"7 304,319 1"],
    [b"7 319:320 5:4"],
    [b"7 304 *"],
    [b"7 304 1", b"7 304 2"],
    [b"7 304,319 4,4"],
    [b"7 1:4294967295 1:4294967295"],
    [b"7 304,, 1"],
    [b"\xff \x00 {5}"],
]


@pytest.mark.parametrize(("codes", "meant"), MEANT)
def test_each_mail_has_its_own_new_place(codes: list[bytes], meant: dict[int, tuple[int, int]]) -> None:
    assert copied(codes, [304, 319, 320]) == meant


@pytest.mark.parametrize("codes", UNCLEAR)
def test_what_is_not_clear_is_not_told(codes: list[bytes]) -> None:
    assert copied(codes, [304, 319, 320]) == {}

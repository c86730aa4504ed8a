from schemas.result import ExecutionResult, Produced
from services.audit.clean import parse
from tests.unit.services.audit.samples import result


def test_nul_is_replaced_everywhere() -> None:
    record = result(text="a\x00b", produced=Produced(details={"k\x00": ["\x00", {"x": "\x00"}]}))
    cleaned = parse(ExecutionResult, record.to_json())
    assert cleaned.text == "a\ufffdb"
    assert cleaned.produced.details == {"k\ufffd": ["\ufffd", {"x": "\ufffd"}]}
    assert cleaned.model_copy(update={"text": "", "produced": Produced()}) == result(text="")


def test_the_letters_of_an_escape_are_not_nul() -> None:
    record = result(text="\\u0000")
    assert parse(ExecutionResult, record.to_json()) == record

"""How the worker of a test dies within the test's own process; tests/chaos/exactly_once kills real ones."""


class Died(BaseException):
    """As SIGKILL: nothing is caught, nothing more is written down."""

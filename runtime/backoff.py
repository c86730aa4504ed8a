"""How long to wait before the next try: exponential, bounded, with jitter so that many do not come back at once."""

from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds to wait after the n-th failure (from 1): between half and all of `first` * 2^(n-1), at most `longest`."""

    first: float = 0.5
    longest: float = 60.0
    random: Random = field(default_factory=Random, repr=False)

    def delay(self, failures: int) -> float:
        ceiling: float = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        return ceiling * (0.5 + self.random.random() / 2)

"""Asking a Prometheus that `up --observe` runs."""

import json
import math
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asking:
    """Its HTTP API, at HOST:PORT."""

    host: str

    def get(self, path: str, **given: object) -> Any:
        """The `data` of an answer; fails with Prometheus' own text when it refuses."""
        address = f"http://{self.host}/api/v1/{path}?{urllib.parse.urlencode(given, doseq=True)}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return json.loads(answer.read())["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{given}: {error.read().decode()}") from error

    def values(self, expression: str, seconds: float = 600.0) -> list[float]:
        """The finite values of the last so many seconds, of all series."""
        now = time.time()
        found = self.get("query_range", query=expression, start=now - seconds, end=now, step=2)
        numbers = [float(value) for series in found["result"] for _, value in series["values"]]
        return [number for number in numbers if math.isfinite(number)]

    def number(self, expression: str) -> float:
        """A single value now; 0 when there is none."""
        found = self.get("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else 0.0


def address_of(said: str) -> str:
    """HOST:PORT of what `up --observe` printed; empty until it does."""
    found = re.search(r"^Prometheus: http://(127\.0\.0\.1:\d+)/graph$", said, re.MULTILINE)
    return found[1] if found else ""

"""The facts of the machine that a figure depends on."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from sandbox.kafka_jars import VERSION as KAFKA_VERSION

Facts = dict[str, str | int]


def machine_facts() -> Facts:
    """Processor, cores that this process may use, memory, and the versions of what was measured."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "system": platform.system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "kafka": KAFKA_VERSION,
        "aiokafka": version("aiokafka"),
        "pydantic": version("pydantic"),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _cpu() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()

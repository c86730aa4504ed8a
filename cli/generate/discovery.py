"""Finds what services declare: their settings and their metrics, by importing the modules that hold them."""

import importlib
import importlib.util
import inspect
import pkgutil
from types import ModuleType

from prometheus_client.metrics import MetricWrapperBase

import connectors.metrics
import services
from runtime.metrics import CATALOGUE, Described
from runtime.settings import ServiceSettings

SHARED = "every service"
CONNECTORS = "connectors"


def service_names() -> list[str]:
    """The packages below `services/`."""
    return sorted(module.name for module in pkgutil.iter_modules(services.__path__) if module.ispkg)


def settings_classes() -> dict[str, type[ServiceSettings]]:
    """The settings of each service that has its own, by the service's name."""
    for service in service_names():
        for module in ("settings", "bootstrap"):
            _module(f"services.{service}.{module}")
    found = (kind for kind in _subclasses(ServiceSettings) if kind.__module__.startswith("services."))
    return {kind.service: kind for kind in sorted(found, key=lambda kind: kind.service)}


def metrics_by_service() -> dict[str, list[Described]]:
    """What is in the catalogue, by the service whose `metrics.py` declares it; the rest belongs to every service."""
    owners = dict.fromkeys(_declared(connectors.metrics), CONNECTORS)
    for service in service_names():
        if module := _module(f"services.{service}.metrics"):
            owners |= dict.fromkeys(_declared(module), service)
    found: dict[str, list[Described]] = {}
    for metric in sorted(CATALOGUE, key=lambda described: described.name):
        found.setdefault(owners.get(metric.name.removesuffix("_total"), SHARED), []).append(metric)
    return dict(sorted(found.items()))


def _module(name: str) -> ModuleType | None:
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def _subclasses(kind: type[ServiceSettings]) -> list[type[ServiceSettings]]:
    return [found for child in kind.__subclasses__() for found in (child, *_subclasses(child))]


def _declared(module: ModuleType) -> list[str]:
    metrics = [value for _, value in inspect.getmembers(module) if isinstance(value, MetricWrapperBase)]
    return [described.name for metric in metrics for described in metric.describe()]

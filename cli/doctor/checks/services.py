"""Whether the services that run here answer, and work with the rules that were applied last."""

from cli.doctor.finding import Finding, listed
from cli.doctor.house import House
from cli.platform import VERSIONED
from runtime.health import read_status
from services.console.reading import current_version


async def check_service(house: House, name: str) -> list[Finding]:
    """One service of the platform that runs on this machine."""
    place = f"service {name}"
    status = await read_status(house.services[name], house.seconds)
    if status is None:
        text = f"it does not answer on port {house.services[name]}"
        return [Finding("service-silent", place, text, f"read its log: .maildesk/logs/{name}.log")]
    found: list[Finding] = []
    sick = [
        f"{part} ({said['detail'] or 'not ready'})" for part, said in status["components"].items() if not said["ready"]
    ]
    if sick:
        text = f"it is not ready: {listed(sick, 5)}"
        found.append(Finding("service-not-ready", place, text, f"read its log: .maildesk/logs/{name}.log"))
    if name in VERSIONED and house.database is not None:
        wanted, has = await current_version(house.database), status.get("facts", {}).get("ruleset_version", -1)
        if has < wanted:
            text = f"it works with version {has} of the rules; {wanted} is applied"
            remedy = "see that it reaches Kafka; `maildesk rules apply` of the same file publishes again"
            found.append(Finding("service-old-rules", place, text, remedy))
    return found

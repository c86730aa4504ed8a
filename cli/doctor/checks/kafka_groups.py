"""Whether somebody works on the topics, and keeps up."""

from cli.doctor.finding import Finding
from cli.doctor.house import House
from runtime.errors import MaildeskError
from runtime.kafka_survey import GroupState, survey_groups
from services.audit.stream import GROUP as AUDIT
from services.evaluator.constants import BACKLOG_GROUP, GROUP

FAR_BEHIND = 10_000
"""Records. An evaluator that works is through with them in seconds."""
SERVICES = {GROUP: "evaluator", BACKLOG_GROUP: "evaluator", AUDIT: "audit"}


async def check_groups(house: House) -> list[Finding]:
    """Groups with nobody in them though they have work, and groups that are far behind."""
    if house.kafka is None:
        return []
    try:
        groups = await survey_groups(house.kafka, list(SERVICES), house.seconds)
    except MaildeskError:
        return []  # the look at the topics says so
    judged = (judge_group(name, group) for name, group in groups.items())
    return [found for found in judged if found is not None]


def judge_group(name: str, group: GroupState) -> Finding | None:
    """What is wrong with a group; None: it keeps up."""
    place = f"consumer group {name}"
    if not group.members:
        behind = f", {group.lag} records wait" if group.lag else ""
        text = f"nobody is in it ({group.state.lower()}){behind}"
        remedy = f"start the service {SERVICES[name]}: maildesk up, or its deployment"
        return Finding("kafka-group-empty", place, text, remedy, "error" if group.lag else "warning")
    if (group.lag or 0) > FAR_BEHIND:
        text = f"it is {group.lag} records behind, with {group.members} members"
        return Finding("kafka-lag", place, text, f"add instances of the service {SERVICES[name]}", "warning")
    return None

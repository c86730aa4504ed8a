"""Where Odoo's gateway would file a mail, and why: `message_process` and `message_route` of Odoo 17 and 19, retold.

In their order: a known Message-ID, loop headers, reports of failed delivery, replies, the catchall, aliases, the
fallback model, and at last the sender's count. Tested against the real thing (tests/contract/odoo/routes).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from connectors.odoo.errors import ModelMissingError
from connectors.odoo.port import Json, Odoo
from connectors.odoo.routing_access import exists, refusal, takes_mail
from connectors.odoo.routing_book import Alias, RoutingBook
from connectors.odoo.routing_loops import TAG, makes_too_many
from connectors.odoo.routing_mail import GatewayMail
from connectors.odoo.routing_outcome import Outcome, Prediction, Route
from connectors.odoo.senders import normalized

NEWER: Final = 19
MOST_IDS: Final = 32
"""How many of the last references Odoo 19 looks up."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Odoo's gateway. `fallback`: the model that whoever fetches the mail names for mail that nothing takes."""

    odoo: Odoo
    book: RoutingBook
    now: datetime
    fallback: str = ""

    async def predict(self, mail: GatewayMail) -> Prediction:
        """Raises TransientError when Odoo is away. Nothing is changed in Odoo.

        The account sees what it may read, Odoo's gateway sees everything: give an account that reads the models.
        """
        return await _Case(self, mail).run()


@dataclass(slots=True)
class _Case:
    """One mail on its way through the gateway."""

    gateway: Gateway
    mail: GatewayMail
    steps: list[str] = field(default_factory=list)
    bounced: str = ""
    only: list[Alias] = field(default_factory=list)
    """Aliases of another model that cancelled a reply: then only they take the mail."""

    async def run(self) -> Prediction:
        found = await self._refused() or await self._reply() or await self._new() or self._lost()
        if found.outcome is Outcome.FILED:
            made = [route.model for route in found.routes if not route.record]
            gateway = self.gateway
            if model := await makes_too_many(gateway.odoo, gateway.book, made, self.mail.sender, gateway.now):
                limit = f"{gateway.book.loop_threshold} in {gateway.book.loop_minutes} min"
                return self._end(Outcome.LOOP, f"sender → dropped: it made too many of {model} ({limit})")
        return found

    def _end(self, outcome: Outcome, reason: str, *routes: Route, note: bool = False) -> Prediction:
        return Prediction(outcome, reason, routes, (*self.steps, f"so: {reason}"), note)

    async def _refused(self) -> Prediction | None:
        mail, book = self.mail, self.gateway.book
        if mail.message_id and await self._messages([mail.message_id]):
            return self._end(Outcome.DUPLICATE, "message-id → dropped: Odoo has this mail")
        if TAG in mail.references or TAG in mail.in_reply_to:
            return self._end(Outcome.LOOP, "references → dropped: an answer to Odoo's own warning of a loop")
        for address in mail.to:
            if normalized(address) in book.bounces:
                return self._end(Outcome.REPORT, f"bounce address {address} → taken as a report of failed delivery")
        if mail.sender.partition("@")[0].lower() == "mailer-daemon":
            return self._end(Outcome.REPORT, "mailer-daemon → taken as a report of failed delivery")
        if mail.is_report:
            return self._end(Outcome.REPORT, "multipart/report → taken as a report of failed delivery")
        self.steps.append("it is no report of failed delivery, no duplicate, no loop")
        return None

    async def _reply(self) -> Prediction | None:
        mail, book = self.mail, self.gateway.book
        known = await self._messages(self._ids())
        newest = max(known, key=lambda row: int(row["id"]), default=None)
        self._tell_ids(newest)
        if newest is None or not newest["model"]:
            return None
        model, record = str(newest["model"]), int(newest["res_id"] or 0)
        if record and (others := [each for each in book.matching(mail.to) if each.model != model]):
            named = ", ".join(f"{each.name} ({each.model})" for each in others)
            self.steps.append(f"but To names an alias of another model, so it is no reply: {named}")
            self.only = others
            return None
        aliases = [each for each in book.matching(mail.recipients) if each.model == model]
        route = await self._checked(Route(model, record or None, mail.answers_by), aliases[0] if aliases else None)
        if route is None and self.bounced:
            return self._end(Outcome.BOUNCED, self.bounced)
        return self._end(Outcome.FILED, str(route), route, note=await self._answers_note()) if route else None

    def _ids(self) -> list[str]:
        ids = list(self.mail.ids)
        return ids[-MOST_IDS:] if self.gateway.book.major >= NEWER else ids

    def _tell_ids(self, newest: Json | None) -> None:
        by, ids = self.mail.answers_by, self.mail.ids
        if not by:
            self.steps.append("no References and no In-Reply-To: it answers nothing")
        elif newest is None:
            self.steps.append(f"{by}: Odoo knows none of its {len(ids)} ids")
        else:
            more = " (In-Reply-To is not looked at)" if self.mail.references and self.mail.in_reply_to else ""
            place = f"{newest['model']} {newest['res_id']}" if newest["model"] else "no record"
            self.steps.append(f"{by}: the newest message that Odoo knows of its {len(ids)} ids is on {place}{more}")

    async def _new(self) -> Prediction | None:
        mail, book = self.mail, self.gateway.book
        to = [normalized(address) for address in mail.to]
        if to and all(address in book.catchalls for address in to):
            return self._end(Outcome.BOUNCED, "catchall → bounce")
        recipients = mail.recipients
        if self.only:
            whole = {each.full_name for each in self.only}
            local = {each.name for each in self.only if each.local}
            recipients = tuple(each for each in recipients if each in whole or each.partition("@")[0] in local)
        if aliases := book.matching(recipients):
            return await self._by_aliases(aliases)
        self.steps.append(f"no alias among {', '.join(recipients) or 'no recipients'}")
        return await self._by_fallback()

    async def _by_aliases(self, aliases: list[Alias]) -> Prediction:
        routes: list[Route] = []
        bounced = ""
        for alias in aliases:
            wanted = Route(alias.model, alias.thread or None, f"alias {alias.name}")
            found = await self._checked(wanted, alias)
            if self.gateway.book.major >= NEWER and found is not None and wanted.record and not found.record:
                reason = f"alias {alias.name} → refused: its record {wanted.record} is deleted"
                return self._end(Outcome.LOST, reason)
            if found is None and not self.bounced:
                return self._end(Outcome.LOST, f"alias {alias.name} → refused: {self.steps[-1]}")
            bounced = self.bounced or bounced
            if found is not None:
                routes.append(found)
        if not routes:
            return self._end(Outcome.BOUNCED, bounced)
        return self._end(Outcome.FILED, "; ".join(map(str, routes)), *routes)

    async def _by_fallback(self) -> Prediction | None:
        if self.gateway.fallback:
            found = await self._checked(Route(self.gateway.fallback, None, "fallback"), None)
            if found is not None:
                return self._end(Outcome.FILED, str(found), found)
            return self._end(Outcome.LOST, f"fallback → refused: {self.steps[-1]}")
        catchalls = self.gateway.book.catchalls
        if self.gateway.book.major >= NEWER and any(normalized(address) in catchalls for address in self.mail.to):
            return self._end(Outcome.BOUNCED, "catchall → bounce")
        return None

    def _lost(self) -> Prediction:
        return self._end(Outcome.LOST, "no route → refused: no reply, no alias, no fallback model")

    async def _checked(self, route: Route, alias: Alias | None) -> Route | None:
        """The route as `_routing_check_route` leaves it; None: no way, or a bounce, and then `bounced` says why."""
        self.bounced = ""
        odoo, record = self.gateway.odoo, route.record
        try:
            accepts = await takes_mail(odoo, route.model)
            if record and not await exists(odoo, route.model, record):
                self.steps.append(f"{route.model} {record} is deleted, or hidden from this account: a new one is made")
                record = None
        except ModelMissingError:
            self.steps.append(f"Odoo has no model {route.model}")
            return None
        if not accepts:
            self.steps.append(f"{route.model} takes no mail")
            return None
        if alias and (why := await refusal(odoo, alias, record, self.mail.sender)):
            self.bounced = f"alias {alias.name} → bounce: {why}"
            self.steps.append(f"alias {alias.name} ({alias.model}) does not take it: {why}")
            return None
        if alias:
            self.steps.append(f"alias {alias.name} ({alias.model}) takes mail of this sender ({alias.contact})")
        return Route(route.model, record, route.by, alias.name if alias else "")

    async def _messages(self, ids: list[str]) -> list[Json]:
        """The messages with these ids, the newest first."""
        if not ids:
            return []
        asked = {"fields": ["message_id", "model", "res_id", "subtype_id", "message_type"], "order": "id desc"}
        domain = [["message_id", "in", sorted(set(ids))]]
        rows: list[Json] = await self.gateway.odoo.call("mail.message", "search_read", [domain], asked | {"limit": 200})
        return rows

    async def _answers_note(self) -> bool:
        """Whether the message that is answered was internal: In-Reply-To's, if it is known, else of the references."""
        for ids in self.mail.parents:
            if not (rows := await self._messages(list(ids))):
                continue
            if not rows[0]["subtype_id"] or rows[0]["message_type"] == "auto_comment":
                return False
            asked = [["id", "=", int(rows[0]["subtype_id"][0])], ["internal", "=", True]]
            if not await self.gateway.odoo.search_read("mail.message.subtype", asked, ["id"], limit=1):
                return False
            self.steps.append("it answers a message that stayed inside: it is posted as a note")
            return True
        return False

"""Access tokens by refresh (RFC 6749 §6): kept until a little before they end, one refresh at a time. Blocking."""

import logging
import re
import threading
from typing import Any, Final, Protocol

from connectors.metrics import OAUTH_GRANT_EXPIRY, OAUTH_GRANTED, OAUTH_RENEWALS, OAUTH_TOKEN_EXPIRY
from connectors.oauth.http import OAuthTimeouts, Refused, post_form, seconds_of
from runtime.clock import Clock
from runtime.errors import InvalidInputError, MaildeskError, TargetDownError
from schemas.oauth import OAuth

log = logging.getLogger(__name__)

SPARE_SECONDS: Final = 120.0
"""A token is not used in its last two minutes: a login with it may take its time."""
USUAL_SECONDS: Final = 3600.0
"""Of a token whose answer does not say how long it holds (RFC 6749 §5.1 recommends that it does)."""
WAIT_SECONDS: Final = 60.0
"""The longest wait for somebody else's refresh."""
ENDED: Final = ("oauth-expired", "oauth-client", "secret-missing")
"""Codes of errors that only a person can end."""
EXPIRED: Final = ("invalid_grant", "interaction_required", "consent_required", "login_required")

_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,20000}")


class Secrets(Protocol):
    """Where refresh tokens are read, and kept when the provider gives new ones."""

    def __call__(self, name: str) -> str:
        """Raises InvalidInputError when there is none."""

    def keep(self, name: str, value: str) -> None:
        """Raises InvalidInputError where it cannot be kept."""


class TokenSource:
    """The access tokens of one grant; threads may share it."""

    def __init__(self, mailbox: str, oauth: OAuth, secrets: Secrets, clock: Clock, timeouts: OAuthTimeouts) -> None:
        self._mailbox = mailbox
        self._oauth = oauth
        self._secrets = secrets
        self._clock = clock
        self._timeouts = timeouts
        self._lock = threading.Lock()
        self._access = ""
        self._until = 0.0
        self._unkept: tuple[str, str] | None = None
        """The secret as it was, and the newer token that could not be kept in its place."""

    @property
    def remedy(self) -> str:
        """What a person has to do when the grant has ended."""
        return f"run: maildesk mailboxes authorize {self._mailbox}"

    def token(self) -> str:
        """Raises TargetDownError: `oauth-expired`, `oauth-client`, `oauth-down`; InvalidInputError: a secret is
        missing."""
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise TargetDownError(f"a token for mailbox {self._mailbox} takes too long", code="oauth-down")
        try:
            if not self._access or self._clock.monotonic() >= self._until:
                self._refresh_and_count()
            return self._access
        finally:
            self._lock.release()

    def refused(self, token: str) -> None:
        """A server did not take it: the next one is fresh, unless it is already another one."""
        with self._lock:
            if self._access == token:
                self._access = ""

    def _refresh_and_count(self) -> None:
        try:
            self._refresh()
        except MaildeskError as error:
            OAUTH_RENEWALS.labels(self._mailbox, error.code).inc()
            if error.code in ENDED:
                OAUTH_GRANTED.labels(self._mailbox).set(0)
            raise
        OAUTH_RENEWALS.labels(self._mailbox, "ok").inc()
        OAUTH_GRANTED.labels(self._mailbox).set(1)

    def _refresh(self) -> None:
        used = self._refresh_token()
        answer = self._asked(used)
        if isinstance(answer, Refused) and answer.code in EXPIRED and (newer := self._refresh_token()) != used:
            # Another process was given a new refresh token meanwhile, or a person authorized again.
            used, answer = newer, self._asked(newer)
        if isinstance(answer, Refused):
            raise self._refusal(answer)
        access = answer.get("access_token")
        if not isinstance(access, str) or not _TOKEN.fullmatch(access):
            raise TargetDownError(f"the token server of mailbox {self._mailbox} sends no token", code="oauth-down")
        lasts = seconds_of(answer, "expires_in", USUAL_SECONDS)
        self._access = access
        self._until = self._clock.monotonic() + max(lasts - SPARE_SECONDS, lasts / 2)
        self._note_ends(answer, lasts)
        renewed = answer.get("refresh_token")
        if isinstance(renewed, str) and _TOKEN.fullmatch(renewed) and renewed != used:
            self._keep(renewed)

    def _note_ends(self, answer: dict[str, Any], lasts: float) -> None:
        now = self._clock.now().timestamp()
        OAUTH_TOKEN_EXPIRY.labels(self._mailbox).set(now + lasts)
        if (whole := seconds_of(answer, "refresh_token_expires_in", 0.0)) > 0:
            OAUTH_GRANT_EXPIRY.labels(self._mailbox).set(now + whole)

    def _asked(self, refresh_token: str) -> dict[str, Any] | Refused:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": self._oauth.client_id}
        if self._oauth.client_secret is not None:
            form["client_secret"] = self._secrets(self._oauth.client_secret)
        return post_form(self._oauth.ends.token_url, form, self._timeouts)

    def _refresh_token(self) -> str:
        name = self._oauth.refresh_token
        try:
            found = self._secrets(name).strip()
        except InvalidInputError as error:
            text = f"mailbox {self._mailbox} has no refresh token yet: {error.text}; or {self.remedy}"
            raise TargetDownError(text, code="oauth-expired") from error
        if self._unkept is not None and self._unkept[0] == found:
            return self._unkept[1]
        self._unkept = None
        return found

    def _keep(self, renewed: str) -> None:
        name = self._oauth.refresh_token
        try:
            self._secrets.keep(name, renewed)
            self._unkept = None
        except InvalidInputError as error:
            if self._unkept is None:
                log.warning(
                    "a new refresh token cannot be kept: after a restart the old one is used, which may have ended",
                    extra={"mailbox": self._mailbox, "secret": name, "reason": error.text},
                )
            self._unkept = (self._secrets(name).strip(), renewed)

    def _refusal(self, refused: Refused) -> TargetDownError:
        if refused.code in EXPIRED:
            return TargetDownError(
                f"the grant of mailbox {self._mailbox} has ended or was taken back: {refused}; {self.remedy}",
                code="oauth-expired",
            )
        return TargetDownError(
            f"the token server refuses the application of mailbox {self._mailbox}: {refused}; check client_id, "
            f"client_secret, tenant and scope, then {self.remedy}",
            code="oauth-client",
        )


class Tokens:
    """One source for each grant of a process, so that all its connections share a token."""

    def __init__(self, secrets: Secrets, clock: Clock, timeouts: OAuthTimeouts | None = None) -> None:
        self._secrets = secrets
        self._clock = clock
        self._timeouts = timeouts or OAuthTimeouts()
        self._sources: dict[tuple[str, OAuth], TokenSource] = {}

    def source(self, mailbox: str, oauth: OAuth) -> TokenSource:
        """Asks nothing before its first token."""
        key = (mailbox, oauth)
        if key not in self._sources:
            self._sources[key] = TokenSource(mailbox, oauth, self._secrets, self._clock, self._timeouts)
        return self._sources[key]

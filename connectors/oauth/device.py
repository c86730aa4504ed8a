"""The device flow (RFC 8628): a person types a code in a browser anywhere, while we ask whether it was done."""

from typing import Final, NamedTuple

from connectors.oauth.granting import Client, refresh_token_of, refusal
from connectors.oauth.http import Refused, seconds_of
from runtime.clock import Clock
from runtime.errors import InvalidInputError, TargetDownError

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
USUAL_INTERVAL: Final = 5.0
"""Seconds between two questions, where the server does not say (RFC 8628 §3.2)."""
SLOWER: Final = 5.0
"""Seconds more after each `slow_down` (RFC 8628 §3.5)."""
LONGEST_INTERVAL: Final = 60.0
LONGEST_SECONDS: Final = 1800.0


class DeviceCode(NamedTuple):
    """What the person is told, and what we ask with."""

    user_code: str
    address: str
    secret_code: str
    interval: float
    seconds: float


async def begin(client: Client) -> DeviceCode:
    """Raises InvalidInputError when the provider refuses, TargetDownError when it does not answer."""
    url = client.oauth.ends.device_url
    if url is None:
        raise InvalidInputError("the provider has no device flow; give device_url")
    answer = await client.ask(url, {"scope": client.oauth.ends.scope})
    if isinstance(answer, Refused):
        raise refusal(answer, "no code for this application")
    # Google says verification_url.
    address = answer.get("verification_uri") or answer.get("verification_url")
    found = (answer.get("user_code"), address, answer.get("device_code"))
    if not all(isinstance(each, str) and each.isprintable() and 0 < len(each) <= 20_000 for each in found):
        raise TargetDownError("the device end point sends no code", code="oauth-down")
    user_code, shown, secret = (str(each) for each in found)
    interval, seconds = (
        seconds_of(answer, "interval", USUAL_INTERVAL),
        seconds_of(answer, "expires_in", LONGEST_SECONDS),
    )
    return DeviceCode(user_code, shown, secret, min(interval, LONGEST_INTERVAL), min(seconds, LONGEST_SECONDS))


async def finish(client: Client, code: DeviceCode, clock: Clock) -> str:
    """The refresh token, once the person has consented. Raises InvalidInputError: denied, expired, or refused.

    A server that is away for a moment is asked again, more slowly each time.
    """
    end, interval = clock.monotonic() + code.seconds, code.interval
    while clock.monotonic() + interval < end:
        await clock.sleep(interval)
        try:
            answer = await client.ask_for_token({"grant_type": GRANT, "device_code": code.secret_code})
        except TargetDownError:
            interval = min(2 * interval, LONGEST_INTERVAL)
            continue
        if not isinstance(answer, Refused):
            return refresh_token_of(answer)
        if answer.code == "slow_down":
            interval = min(interval + SLOWER, LONGEST_INTERVAL)
        elif answer.code != "authorization_pending":
            raise refusal(answer, "not authorized")
    raise refusal(Refused("expired_token"), "not authorized")

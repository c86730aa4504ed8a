"""Whether a server's certificate holds, for long enough, and for the name by which we call it."""

import asyncio

from cli.doctor.finding import Finding, listed
from cli.doctor.house import House
from connectors.certificate_look import Server, Shown, look

WARN_DAYS = 21
_RENEW = "renew it on the server"


async def check_certificate(house: House, server: Server, place: str) -> list[Finding]:
    """What is wrong with it; nothing where TLS was not reached, which the login says."""
    async with house.threads:
        shown = await asyncio.to_thread(look, server, house.ssl_context)
    return judge(shown, server, place, house) if shown else []


def judge(shown: Shown, server: Server, place: str, house: House) -> list[Finding]:
    """One finding for each thing that is wrong."""
    found: list[Finding] = []
    left, ends = shown.days_left(house.now), shown.ends
    until = f"{ends:%Y-%m-%d %H:%M} UTC" if ends else ""
    if ends and ends <= house.now:
        found.append(Finding("certificate-expired", place, f"its certificate ended on {until}", _RENEW))
    elif ends and left < WARN_DAYS:
        text = f"its certificate ends on {until}, in {left} day{'' if left == 1 else 's'}"
        found.append(Finding("certificate-ends-soon", place, text, _RENEW, "warning"))
    if shown.names and not shown.is_for(server.host):
        text = f"its certificate is for {listed(shown.names, 5)}, not for {server.host}"
        found.append(Finding("certificate-name", place, text, "use a host name that is in the certificate"))
    if shown.problem and not [each for each in found if each.severity == "error"]:
        found.append(_untrusted(shown, place))
    return found


def _untrusted(shown: Shown, place: str) -> Finding:
    remedy = "name its authority's file in SSL_CERT_FILE, or have it signed by an authority that is trusted"
    if shown.self_signed:
        return Finding("certificate-self-signed", place, "its certificate is signed by itself", remedy)
    signed = f", signed by {listed([shown.issuer])}" if shown.issuer else ""
    return Finding("certificate-untrusted", place, f"its certificate is not trusted{signed}: {shown.problem}", remedy)

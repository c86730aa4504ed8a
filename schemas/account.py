"""What accounts on mail servers have in common: which logins are whole, and which lines may be open."""

from ipaddress import ip_address

from schemas.oauth import OAuth


def is_this_machine(host: str) -> bool:
    """Whether what is sent there stays inside."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def require_login(host: str, password: str | None, oauth: OAuth | None) -> None:
    """A host, and one way to log in. Raises ValueError."""
    if not host:
        raise ValueError("give host, or a preset that knows it")
    if (password is None) == (oauth is None):
        raise ValueError("give either password (the name of a secret) or oauth")


def require_inside(host: str, security: str, instead: str) -> None:
    """No open line leaves this machine; `instead`: what to use. Raises ValueError."""
    if security == "none" and not is_this_machine(host):
        raise ValueError(
            "security: none sends mail and password in the clear, so it is for this machine only "
            f"(localhost, 127.0.0.1, ::1); use {instead}"
        )

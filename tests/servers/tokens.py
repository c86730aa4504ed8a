"""A real OAuth server for tests: token end point, device flow, a browser's login page, and introspection for Dovecot.

with running_token_server() as server:
    server.url, server.refresh_token, server.script
"""

import base64
import contextlib
import hashlib
import itertools
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs

Trouble = Literal["error 500", "hang", "garbage", "endless", "no token", "hang up"]
HANG_SECONDS = 3.0


class TokenServer:
    """`script`: OAuth errors that the next token requests get; `trouble` may change at any time."""

    def __init__(self) -> None:
        self.url = ""
        self.user = "anna"
        self.refresh_token = "refresh-0"
        self.rotates = False
        self.expires_in: Any = 3600
        self.interval: Any = 1
        self.script: list[str] = []
        self.trouble: Trouble | None = None
        self.forms: list[dict[str, str]] = []
        """Of the token end point, as they came."""
        self.access: set[str] = set()
        """Tokens that are good now."""
        self.challenge = ""
        self.ending = threading.Event()
        self._numbers = itertools.count(1)

    def good(self, user: str, token: str) -> bool:
        """Whether a mail server lets this user in with it."""
        return user == self.user and token in self.access

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and JSON."""
        if path == "/introspect":
            return 200, {"active": form.get("token") in self.access, "username": self.user, "email": self.user}
        if path == "/device":
            code = {"device_code": "device-secret", "user_code": "ABCD-EFGH", "verification_uri": f"{self.url}/enter"}
            return 200, {**code, "expires_in": self.expires_in, "interval": self.interval}
        self.forms.append(form)
        if self.script and (error := self.script.pop(0)):
            return 400, {"error": error, "error_description": "AADSTS70008: it was secret-part-of-an-answer"}
        return self._token(form)

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        kind = form.get("grant_type", "")
        if kind == "refresh_token" and form.get("refresh_token") != self.refresh_token:
            return 400, {"error": "invalid_grant", "error_description": f"unknown {form.get('refresh_token')}"}
        if kind == "authorization_code" and self._proven(form) != self.challenge:
            return 400, {"error": "invalid_grant"}
        if kind != "refresh_token" or self.rotates:
            self.refresh_token = f"refresh-{next(self._numbers)}"
        token = f"access-{next(self._numbers)}"
        self.access.add(token)
        new = {"refresh_token": self.refresh_token} if kind != "refresh_token" or self.rotates else {}
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in, **new}

    @staticmethod
    def _proven(form: dict[str, str]) -> str:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class _Server(ThreadingHTTPServer):
    def __init__(self, tests: TokenServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tests = tests

    def handle_error(self, *_: object) -> None:
        return  # clients that give up are part of the tests


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        tests = self.server.tests
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        form = {name: values[0] for name, values in parse_qs(raw.decode(), keep_blank_values=True).items()}
        if tests.trouble is not None and self.path != "/introspect":
            self._troubled(tests, tests.trouble)
            return
        status, answer = tests.answer(self.path, form)
        self._send(status, json.dumps(answer).encode())

    def _troubled(self, tests: TokenServer, trouble: Trouble) -> None:
        if trouble == "hang":
            tests.ending.wait(HANG_SECONDS)
        elif trouble == "endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b" " * 4096)
                    time.sleep(0.01)
        elif trouble != "hang up":
            bodies = {"error 500": b"secret-part-of-an-answer", "garbage": b"\xff{", "no token": b'{"a": 1}'}
            self._send(500 if trouble == "error 500" else 200, bodies[trouble])

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextlib.contextmanager
def running_token_server() -> Iterator[TokenServer]:
    """On a free port, stopped at the end."""
    server = TokenServer()
    served = _Server(server)
    server.url = f"http://127.0.0.1:{served.server_port}"
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        served.shutdown()
        served.server_close()
        thread.join(10)

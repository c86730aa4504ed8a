"""The whole time of a request is bounded, whatever part of the answer comes slowly."""

import socketserver
import threading
import time

import pytest

from connectors.oauth.http import OAuthTimeouts, post_form
from runtime.errors import TargetDownError


class Dripping(socketserver.BaseRequestHandler):
    """A header that goes on for 6 s, a byte at a time."""

    def handle(self) -> None:
        self.request.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        end = time.monotonic() + 6
        while time.monotonic() < end:
            time.sleep(0.05)
            try:
                self.request.sendall(b"x")
            except OSError:
                return


def test_headers_that_drip_end_with_the_whole_time() -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        began = time.monotonic()
        try:
            with pytest.raises(TargetDownError, match="answers without end"):
                post_form(f"http://127.0.0.1:{server.server_address[1]}/token", {}, OAuthTimeouts(step=1, whole=0.4))
            assert time.monotonic() - began < 4
        finally:
            server.shutdown()

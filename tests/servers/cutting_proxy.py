"""A TCP proxy that breaks a connection at a chosen command: before the server sees it, or before its answer is back."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

CHUNK = 65536


@dataclass(slots=True)
class CuttingProxy:
    """Set `command` to cut at the first client data that contains it, `times` times; the connections before and after
    pass. `when`: `before` the server sees the data, or `after` it answered, with the answer held back."""

    port: int
    target: tuple[str, int]
    command: bytes = b""
    when: Literal["before", "after"] = "before"
    times: int = 1
    connections: int = 0
    _open: set[socket.socket] = field(default_factory=set, repr=False)
    _silent: set[socket.socket] = field(default_factory=set, repr=False)

    def cut_at(self, command: bytes, when: Literal["before", "after"], *, times: int = 1) -> None:
        """Arm it."""
        self.command, self.when, self.times = command, when, times

    def cut_now(self) -> None:
        """Break every open connection."""
        for end in list(self._open):
            _break(end)

    def silence_now(self) -> None:
        """Let nothing more pass on the open connections, without closing them: as when the network is gone."""
        self._silent |= self._open

    def serve(self, listener: socket.socket) -> None:
        """Accept until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.connections += 1
                try:
                    server = socket.create_connection(self.target)
                except OSError:  # the server is down
                    client.close()
                    continue
                self._open |= {client, server}
                held = threading.Event()
                threading.Thread(target=self._forward, args=(client, server, held), daemon=True).start()
                threading.Thread(target=self._back, args=(server, client, held), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket, held: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(CHUNK):
                cut = self.times > 0 and self.command and self.command in data
                if cut:
                    self.times -= 1
                    if self.when == "before":
                        break
                    held.set()
                if server not in self._silent:
                    server.sendall(data)
        if not held.is_set():
            self._end(client, server)

    def _back(self, server: socket.socket, client: socket.socket, held: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(CHUNK):
                if held.is_set():
                    break  # the server has answered, so it has done it
                if client not in self._silent:
                    client.sendall(data)
        self._end(client, server)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            self._open.discard(end)
            _break(end)


@contextlib.contextmanager
def cutting_proxy(host: str, port: int) -> Iterator[CuttingProxy]:
    """A proxy on 127.0.0.1 before `host`:`port`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = CuttingProxy(int(listener.getsockname()[1]), (host, port))
        threading.Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        yield proxy
        listener.shutdown(socket.SHUT_RDWR)
    proxy.cut_now()


def _break(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()

"""The protocol is chosen by asking the server, once: JSON-2 where it has it, JSON-RPC up to Odoo 18."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.odoo.channel import Channel
from connectors.odoo.counting import counted
from connectors.odoo.json2 import Json2
from connectors.odoo.jsonrpc import JsonRpc
from connectors.odoo.port import OdooAccount, OdooVersion
from connectors.odoo.version import FIRST_JSON_2, web_version


class ChosenWire:
    """Speaks what the server speaks."""

    def __init__(self, account: OdooAccount, channel: Channel) -> None:
        self._account = account
        self._channel = channel
        self._asking = asyncio.Lock()
        self._chosen: JsonRpc | Json2 | None = None

    @property
    def call_seconds(self) -> float:
        """The longest that one call can take once it has its slot."""
        return self._channel.limits.call_seconds

    async def version(self) -> OdooVersion:
        """The server's version; raises as the port says."""
        with counted("version"):
            return await (await self._wire()).version()

    async def call(self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
        """One method, once; raises as the port says."""
        with counted(method):
            return await (await self._wire()).call(model, method, args, kwargs)

    async def close(self) -> None:
        """Release the sockets. Never raises."""
        await self._channel.close()

    async def _wire(self) -> JsonRpc | Json2:
        async with self._asking:
            if self._chosen is None:
                version = await web_version(self._channel)
                newer = version is not None and version.major >= FIRST_JSON_2
                self._chosen = (Json2 if newer else JsonRpc)(self._account, self._channel)
            return self._chosen

"""A TLS proxy for a hub: ``python tls.py CERTIFICATE KEY``, from port 443 to 8000 of 127.0.0.1."""

from __future__ import annotations

import asyncio
import ssl
import sys
from contextlib import suppress


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        hub_reader, hub_writer = await asyncio.open_connection("127.0.0.1", 8000)
        await asyncio.gather(_pass_on(reader, hub_writer), _pass_on(hub_reader, writer))
    writer.close()


async def main(certificate: str, key: str) -> None:
    """Serve until the process is ended."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(_serve, "127.0.0.1", 443, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

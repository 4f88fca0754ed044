# SPDX-License-Identifier: Apache-2.0
"""A TLS proxy before a daemon, as a farm has one that serves other hosts, and the authority that vouches for it."""

import asyncio
import contextlib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

OPEN_LIMIT_S = 180


class Authority:
    """Its own certificate is in `file`; it signs for 127.0.0.1, and for no name."""

    def __init__(self, directory: Path, name: str) -> None:
        self.dir = directory
        self.file = directory / f"{name}.pem"
        self.key = directory / f"{name}.key"
        self._openssl("req", "-x509", *self._new_key(self.key), "-subj", f"/CN={name}", "-out", self.file)

    def _openssl(self, *argv: str | Path) -> None:
        subprocess.run(["openssl", *map(str, argv)], check=True, capture_output=True, cwd=self.dir)

    def _new_key(self, path: Path) -> list[str | Path]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path, "-days", "2"]

    def sign(self) -> tuple[Path, Path]:
        """A certificate and its key."""
        certificate, key, request, names = (self.dir / f"front.{end}" for end in ("pem", "key", "csr", "cnf"))
        names.write_text("subjectAltName=IP:127.0.0.1\n")
        self._openssl("req", *self._new_key(key), "-subj", "/CN=front", "-out", request)
        by: list[str | Path] = [
            "-CA",
            self.file,
            "-CAkey",
            self.key,
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            names,
        ]
        self._openssl("x509", "-req", "-in", request, *by, "-out", certificate)
        return certificate, key


async def _copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            to.write(data)
            await to.drain()
    to.close()


@contextlib.contextmanager
def tls_front(authority: Authority, port: int) -> Iterator[str]:
    """Hands what comes over TLS on to that port of the loopback, byte by byte; gives its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign())
    loop = asyncio.new_event_loop()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))

    async def stop() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        starting = asyncio.start_server(
            serve_one, "127.0.0.1", 0, ssl=context, ssl_handshake_timeout=OPEN_LIMIT_S, ssl_shutdown_timeout=1
        )
        server = asyncio.run_coroutine_threadsafe(starting, loop).result(OPEN_LIMIT_S)
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        asyncio.run_coroutine_threadsafe(stop(), loop).result(OPEN_LIMIT_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(OPEN_LIMIT_S)
        loop.close()

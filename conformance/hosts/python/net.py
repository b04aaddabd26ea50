"""Gates at the network: writes of asyncio transports to the world's service are held.

One request of a driver is one gate: what is written to a connection before it has answered belongs to the
request that it answers. Connections made by worker threads or C libraries do not pass here; a world on
such a driver declares its gates itself (``conformance.world.gate``).
"""

from __future__ import annotations

from asyncio import selector_events
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from .gates import Gates, Operation
from .labels import label_of


class _Request:
    """A request on one connection: its bytes until it is released, then nothing until it is answered."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.released = False
        self.operation: Operation | None = None


def _is_service(transport: Any, ports: frozenset[int] | None) -> bool:
    peer = transport.get_extra_info("peername")
    if isinstance(peer, tuple):
        return ports is None or peer[1] in ports
    return ports is None and peer is not None  # a Unix socket


def install(gates: Gates, ports: frozenset[int] | None) -> None:
    """Hold writes to ``ports`` (None: to any). To be called before the world is imported."""
    transport_class: Any = selector_events._SelectorSocketTransport  # type: ignore[attr-defined] # asyncio's own
    write: Callable[[Any, bytes], None] = transport_class.write
    read_ready: Callable[[Any], None] = transport_class._read_ready
    requests: WeakKeyDictionary[Any, _Request] = WeakKeyDictionary()

    def gated_write(transport: Any, data: bytes) -> None:
        request = requests.get(transport)
        if request is not None:
            if request.released:
                write(transport, data)
            else:
                request.chunks.append(bytes(data))
            return
        call = gates.mine()
        if call is None or not data or not _is_service(transport, ports):
            write(transport, data)
            return
        requests[transport] = request = _Request()
        request.chunks.append(bytes(data))

        def go() -> None:
            assert request.operation is not None
            if request.operation.cut == "before":
                end(transport, request)
                return
            request.released = True
            for chunk in request.chunks:
                write(transport, chunk)
            request.chunks.clear()

        label = label_of(data, transport.get_extra_info("peername"))
        request.operation = Operation(call, *label, go, cuts=True)
        gates.ask(request.operation)

    def end(transport: Any, request: _Request) -> None:
        """The connection breaks, as the driver sees it."""
        del requests[transport]
        assert request.operation is not None
        gates.answered(request.operation)
        transport._fatal_error(ConnectionResetError("the connection was cut"))

    def gated_read_ready(transport: Any) -> None:
        request = requests.get(transport)
        if request is not None and request.operation is not None and request.operation.cut == "after":
            end(transport, request)  # the service has answered; nobody here learns of it
            return
        read_ready(transport)
        request = requests.get(transport)
        if request is not None and request.released:
            del requests[transport]
            assert request.operation is not None
            gates.answered(request.operation)

    def gated_writelines(transport: Any, chunks: Any) -> None:
        gated_write(transport, b"".join(chunks))

    transport_class.write = gated_write
    transport_class.writelines = gated_writelines
    transport_class._read_ready = gated_read_ready

"""The host itself: reads messages, performs calls, answers."""

from __future__ import annotations

import asyncio
import inspect
import os
import platform
import re
import signal
import sys
import traceback
from collections.abc import Coroutine
from typing import Any

from . import files, guard, logs, net
from .calls import Call, enter_call
from .chance import Chance
from .clock import Clock
from .failures import UnsupportedError, describe
from .gates import Gates
from .load import load, said, version_of
from .wire import Channel, watch_for_end

#: The name of an environment variable.
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


class Host:
    """One process's worth of worlds: an instance per actor."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._clock = Clock()
        self._chance = Chance()
        self._gates = Gates(channel, self._clock)
        self._gates.drain = self._drain
        self._worlds: dict[str, Any] = {}
        #: the real runtime, and what a World that is elsewhere is asked through, when they were wanted
        self._runtime: Any = None
        self._relay: Any = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: asyncio.Future[None] | None = None

    async def serve(self) -> None:
        """Serve until ``close``; the end of the input ends the process elsewhere."""
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        loop.add_reader(self._channel.incoming, self._readable)
        await self._done

    def _readable(self) -> None:
        self._channel.fill()
        self._drain()

    def _drain(self) -> None:
        while self._channel.backlog:
            self._take(self._channel.backlog.popleft())

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "call":
                self._start(self._call(message))
            case "go":
                self._gates.released(message)
            case "relay_result":
                self._clock.move_to(message.get("clock"))
                self._relay.relay_result(message)
            case "reset":
                self._set(message)
                self._clock.still = message.get("still") is True
                self._channel.send({"type": "done", "id": message["id"]})
            case "open":
                self._start(self._open(message))
            case "close":
                self._start(self._close(message))
            case other:
                raise ValueError(f"unknown message type {other!r}")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = task.exception()
        if error is not None and self._done is not None and not self._done.done():
            self._done.set_exception(error)

    def _set(self, message: dict[str, Any]) -> None:
        self._clock.move_to(message.get("clock"))
        self._chance.reseed(message.get("seed"), *self._worlds)

    async def _open(self, message: dict[str, Any]) -> None:
        world, actors = message["world"], message["actors"]
        # A world that is set up by the environment takes its variables as options.
        given = world.get("options", {}) | world.get("env", {})
        env = {name: str(value) for name, value in given.items() if _VARIABLE.fullmatch(name)}
        os.environ.update(env)
        # So that PostgreSQL can be asked which actor waits for a lock.
        os.environ.setdefault("PGAPPNAME", f"world-host-{os.getpid()}")
        self._worlds = dict.fromkeys(actors)
        self._set(message)
        self._clock.install()
        self._chance.install()
        try:
            self._install_gates(world, actors)
            shared = await self._make(world, message["id"]) if world.get("shared") else None
            self._worlds = {actor: shared or await self._make(world, message["id"]) for actor in actors}
            self._channel.send({"type": "opening", "id": message["id"], "doing": "host"})
            if world.get("runtime"):
                self._open_runtime()
            opened = self._opened(message["id"])
        except Exception as error:
            self._channel.send({"type": "failed", "id": message["id"], "error": describe(error)})
            return
        self._set(message)
        self._channel.send(opened)

    def _opened(self, ident: Any) -> dict[str, Any]:
        first = next(iter(self._worlds.values()))
        opened = {
            "type": "opened",
            "id": ident,
            "name": str(said(first, "name") or type(first).__name__),
            "version": version_of(first),
            "platform": f"{platform.python_implementation()} {platform.python_version()}",
            "standsStill": True,
        }
        spec_version = said(first, "spec_version")
        if isinstance(spec_version, int):
            opened["specVersion"] = spec_version
        capabilities = set(map(str, said(first, "capabilities") or ()))
        if callable(said(first, "events_create_batch")):
            capabilities.add("createBatch")  # to have the method is to declare it
        if capabilities:
            opened["capabilities"] = sorted(capabilities)
        if self._runtime is not None:
            opened["runtime"] = {"version": self._runtime.version, "dialect": self._runtime.dialect}
        return opened

    def _open_runtime(self) -> None:
        try:
            from .runtime.engine import Runtime  # noqa: PLC0415 - only where its package is
        except ImportError as error:
            raise RuntimeError(
                f"this host drives vercel-workflow 0.11 and 0.12, not this one: {error}"
            ) from error

        self._runtime = Runtime(self._channel, self._gates, self._worlds)
        logs.expect_runtime(self._runtime.is_by_design)

    def _install_gates(self, world: dict[str, Any], actors: list[str]) -> None:
        self._gates.begin(actors)
        alone = len(actors) == 1
        paths = tuple(world.get("paths") or files.folders_of(world.get("options", {})))
        kinds = world.get("gates") or ["declared", "net", *(["fs"] if paths and alone else [])]
        if "net" in kinds:
            ports = world.get("ports")
            net.install(self._gates, frozenset(ports) if ports else None)
        if "fs" in kinds:
            if not alone:
                raise ValueError("Files can be held in a host of one actor only: it blocks at a gate.")
            files.install(self._gates, paths)
        if "declared" in kinds:
            self._offer_declared()

    def _offer_declared(self) -> None:
        try:
            from conformance.world import gatekeeper  # noqa: PLC0415 - present when the world uses it
        except ImportError:
            return
        gatekeeper.set(self._gates.declared)
        self._gatekeeper = gatekeeper

    async def _make(self, world: dict[str, Any], ident: Any) -> Any:
        if world.get("relayed"):
            from .runtime.relay import Relay, RelayedWorld  # noqa: PLC0415 - only there

            self._relay = Relay(self._channel, self._clock)
            return RelayedWorld(self._relay)
        factory, roots = load(world["class"], world.get("root"))
        self._gates.roots = roots
        options = {
            name: value for name, value in world.get("options", {}).items() if not _VARIABLE.fullmatch(name)
        }
        self._channel.send({"type": "opening", "id": ident, "doing": "world"})
        instance = factory(**options)
        if asyncio.iscoroutine(instance):
            instance = await instance
        if hasattr(instance, "create_queue_handler"):
            from .vercel import VercelWorld  # noqa: PLC0415 - only for worlds of that kind

            instance = VercelWorld(instance)
        prepare = getattr(instance, "open", None)
        if prepare is not None:
            await prepare()
        return instance

    async def _call(self, message: dict[str, Any]) -> None:
        gated, stacks = message.get("gated", False), message.get("stacks", False)
        handlers = message["op"].startswith("runtime.")
        call = Call(message["id"], message["actor"], gated=gated, stacks=stacks, one_at_a_time=handlers)
        enter_call(call)
        self._gates.opened(call)
        self._clock.move_to(message.get("clock"))
        if hasattr(self, "_gatekeeper"):
            self._gatekeeper.set(self._gates.declared)
        answer: dict[str, Any]
        try:
            method = self._method(message["actor"], message["op"])
            call.coroutine = method(*_taken(method, message["args"]))
            answer = {"type": "result", "id": call.number, "value": await call.coroutine}
        except Exception as error:
            answer = {"type": "error", "id": call.number, "error": describe(error, stacks=call.stacks)}
        await call.settled()
        call.finished = True
        # Reading the time moved it: no other host may fall behind.
        try:
            self._channel.send({**answer, "clock": self._clock.now})
        except (TypeError, ValueError, RecursionError) as error:
            why = {"name": "TypeError", "message": f"it has no JSON: {error}", "code": "UNSENDABLE"}
            self._channel.send({"type": "error", "id": call.number, "error": why})
        self._gates.closed(call)

    def _method(self, actor: str, op: str) -> Any:
        if op.startswith("runtime.") and self._runtime is not None:
            return self._runtime.operation(op)
        name = re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), op).replace(".", "_")
        method = None if name.startswith("_") else getattr(self._worlds.get(actor), name, None)
        if method is None:
            raise UnsupportedError(f"{op} is not an operation of actor {actor}'s world.")
        return method

    async def _close(self, message: dict[str, Any]) -> None:
        for world in {id(world): world for world in self._worlds.values()}.values():
            try:
                close = getattr(world, "close", None) or getattr(world, "aclose", None)
                closing = close() if close is not None else None
                if inspect.isawaitable(closing):
                    await closing
            except Exception:
                traceback.print_exc()
        self._channel.send({"type": "done", "id": message["id"]})
        os._exit(0)  # a world's threads and tasks must not keep the process


def _taken(method: Any, args: list[Any]) -> list[Any]:
    """The arguments, without the options of a read where the method takes none: such a World gives all."""
    if not args or not isinstance(args[-1], dict) or "resolveData" not in args[-1]:
        return args
    try:
        inspect.signature(method).bind(*args)
    except TypeError:
        return args[:-1]
    return args


def run() -> None:
    """Serve the pipes named by the environment until the suite is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the suite; it closes the pipes
    channel = Channel.from_environment()
    logs.install(channel)
    guard.install(channel.send)
    watch_for_end(channel)
    try:
        asyncio.run(Host(channel).serve())
    except Exception:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(70)

"""A running service, and what can be asked of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from conformance.core.closing import close_all
from conformance.core.errors import ConformanceError, NoService
from conformance.core.redact import know_url, redact
from conformance.core.text import error_line
from conformance.provision.services.runs import MARK, new_run_id

How = Literal["url", "docker", "embedded", "path", "command"]


@dataclass(slots=True)
class Service:
    """A reachable server of one kind.

    ``how`` it came to be: ``url`` (the user's own), ``docker``, ``embedded`` (from a wheel), ``path`` (a
    binary on ``PATH``) or ``command`` (of its world.toml). ``run`` begins the name of everything we make on
    it. ``url`` may hold a password: show :attr:`shown` instead.
    """

    kind: str
    url: str
    version: str
    how: How
    run: str = field(default_factory=new_run_id)
    #: what it is, for people: the image or the binary
    detail: str = ""
    #: container or server process, for tests and ``doctor``
    ref: str = ""
    #: remarks made on the way, such as why Docker was not used
    notes: tuple[str, ...] = ()
    #: where another container reaches it, such as ``172.17.0.2:6379``; empty when it is in none
    inside: str = ""
    #: what was started before it, by name
    needs: dict[str, Service] = field(default_factory=dict)
    _stop: Callable[[], None] | None = field(default=None, repr=False)
    #: restarts the server on what it has stored (seconds); None where that is not ours to do
    restart: Callable[[], None] | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The URL without its user and password."""
        return redact(self.url)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        """The port of the URL, 0 when it has none, or names several servers."""
        try:
            return urlsplit(self.url).port or 0
        except ValueError:
            return 0

    def addresses(self, *, inside: bool = False) -> dict[str, str]:
        """Where all that it needs is, by the names of templates: ``{"needs.cache.url": "redis://…"}``.

        ``inside``: as a container reaches it. Raises :class:`NoService` where one does not.
        """
        known: dict[str, str] = {}
        for name, one in self.needs.items():
            url, host, port = one.url, one.host, str(one.port)
            if inside:
                url, (host, _, port) = one.inside_url(), one.inside.rpartition(":")
            own = {"url": url, "host": host, "port": port} | one.addresses()
            known |= {f"needs.{name}.{key}": value for key, value in own.items()}
        return known

    def inside_url(self) -> str:
        """Its URL for another container. Raises :class:`NoService` when it is in none."""
        if not self.inside:
            raise NoService(
                f"A container cannot reach the {self.kind} at {self.shown}, which is none.",
                "Start both in Docker (--world-service=docker), or both as commands.",
            )
        parts = urlsplit(self.url)
        login, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{login}{at}{self.inside}"))

    def everything(self) -> Iterator[Service]:
        """This one, and all that it needs."""
        yield self
        for one in self.needs.values():
            yield from one.everything()

    def stop(self) -> None:
        """End what we started, drop what we made on a server that is not ours. Safe to repeat.

        On a service that was handed over from another process (:func:`attach`) it does nothing.
        """
        stop, self._stop = self._stop, None
        try:
            if stop is not None:
                with _removing(self.url):
                    stop()
        finally:
            close_all(*(one.stop for one in [*self.needs.values()][::-1]))

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While something is asked of the server: whatever its client raises becomes :class:`NoService`."""
        try:
            yield
        except ConformanceError:
            raise
        except Exception as error:
            what = f"the {self.kind} at {_server(self.url)} fails or is gone: {error_line(error)}"
            raise NoService(what, "Is it still running? See its log.") from error

    def hand_over(self) -> dict[str, object]:
        """Plain data for another process of the same test run (an xdist worker's ``workerinput``)."""
        return {
            "kind": self.kind,
            "url": self.url,
            "version": self.version,
            "how": self.how,
            "run": self.run,
            "detail": self.detail,
            "ref": self.ref,
            "notes": list(self.notes),
            "needs": {name: one.hand_over() for name, one in self.needs.items()},
        }


def attach(given: Mapping[str, object]) -> Service:
    """The service that :meth:`Service.hand_over` described. Its owner stops it, not we."""
    how = given["how"]
    assert how in ("url", "docker", "embedded", "path", "command"), how
    notes, needs = given.get("notes", []), given.get("needs", {})
    assert isinstance(needs, dict), needs
    if how == "url":
        know_url(str(given["url"]))
    return Service(
        kind=str(given["kind"]),
        url=str(given["url"]),
        version=str(given["version"]),
        how=how,
        run=str(given["run"]),
        detail=str(given.get("detail", "")),
        ref=str(given.get("ref", "")),
        notes=tuple(str(note) for note in notes) if isinstance(notes, list) else (),
        needs={name: attach(one) for name, one in needs.items()},
    )


@dataclass(slots=True)
class Namespace:
    """A part of a service that nobody else uses: a prefix, a database, or nothing but a name.

    ``url`` is what the world connects to, ``name`` what it is called there. ``empty`` removes what is in it,
    which is then as at first; None where that cannot be done.
    """

    name: str
    url: str
    _drop: Callable[[], None] | None = field(default=None, repr=False)
    empty: Callable[[], None] | None = field(default=None, repr=False)

    def drop(self) -> None:
        """Remove it and what is in it. Safe to repeat."""
        drop, self._drop = self._drop, None
        if drop is not None:
            with _removing(self.url):
                drop()


@contextmanager
def _removing(url: str) -> Iterator[None]:
    """While what a run made on a server is removed: one line for all that fails, whatever its client says."""
    try:
        yield
    except Exception as error:
        where = _server(url)
        raise NoService(
            f"what this run made at {where} could not be removed: the server fails or is gone"
        ) from (error)


def _server(url: str) -> str:
    """``redis://127.0.0.1:6379``: the server of a URL, with no user, password or path."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))


def namespace_name(run: str, name: str) -> str:
    """``wc_<run>_<name>``, in letters that every database takes, at most 60; a longer one ends in a hash."""
    whole = f"{MARK}{run}_{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')}"
    if len(whole) <= 60:
        return whole
    return f"{whole[:51]}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def with_path(url: str, path: str) -> str:
    """The same server, another path (a database's name)."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/" + path, parts.query, parts.fragment))

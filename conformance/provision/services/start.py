"""Which server a world gets: the one given by URL, else Docker's, else one started here.

The controller of a test run starts a service once and hands it to its workers
(:meth:`Service.hand_over`, :func:`attach`); nothing here is shared behind the scenes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import msgspec

from conformance.core.closing import close_all
from conformance.core.errors import ConformanceError, NoService
from conformance.core.redact import redact
from conformance.core.templates import fill_text
from conformance.core.text import error_line
from conformance.provision.node import find_node
from conformance.provision.services.address import checked
from conformance.provision.services.embedded import start_binary
from conformance.provision.services.kinds import (
    EMBEDDED,
    Kind,
    NotReadyError,
    WrongServerError,
    is_known,
    kind_for_url,
    kind_of,
)
from conformance.provision.services.leftovers import remove
from conformance.provision.services.program import start_program
from conformance.provision.services.runs import new_run_id
from conformance.provision.services.service import Service, namespace_name
from conformance.provision.services.spec import ServiceSpec

Force = Literal["docker", "embedded", "url"]
Progress = Callable[[str], None]
Check = Callable[[], None]
#: seconds that a given address has to answer
_ANSWER_IN = 5.0


def start_service(
    spec: ServiceSpec,
    *,
    url: str | None = None,
    force: Force | None = None,
    progress: Progress = lambda _: None,
    check: Check = lambda: None,
) -> Service:
    """A service of that kind, up and answering. The caller stops it.

    ``url`` wins over everything; ``force`` allows one way only. ``check`` is called while it waits: what it
    raises ends the start, and nothing of it is left. Raises :class:`NoService`, which says what was tried and
    what to do.
    """
    kind = kind_of(spec.kind)
    if force == "url" and not url:
        raise NoService(
            f"--world-service=url, and no address of a {spec.kind}.",
            f"Give --world-service-url={kind.SCHEMES[0]}://… .",
        )
    if url and force in (None, "url"):
        return _given(spec, kind, url)
    needs: dict[str, Service] = {}
    try:
        for name, needed in spec.needs.items():
            needs[name] = start_service(needed, force=force, progress=progress, check=check)
        service = _start(spec, kind, needs, force, progress, check)
    except BaseException:
        close_all(*(one.stop for one in [*needs.values()][::-1]))
        raise
    service.needs = needs
    return service


def _start(
    spec: ServiceSpec,
    kind: Kind,
    needs: Mapping[str, Service],
    force: Force | None,
    progress: Progress,
    check: Check,
) -> Service:
    """Start it here, what it needs being up. Raises :class:`NoService`."""
    if spec.command and force != "docker":
        return start_program(spec, kind, find_node, needs, check)
    notes: list[str] = []
    if force in (None, "docker"):
        from conformance.provision.services.docker import start_container  # noqa: PLC0415 (slow to import)

        try:
            return start_container(_addressed(spec, needs), kind, progress, check)
        except NoService as error:
            if force == "docker":
                raise
            notes.append(f"Docker: {error.what}")
    for binary in kind.binaries():
        return replace(start_binary(spec.kind, kind, binary, check), notes=tuple(notes))
    tried = " ".join(notes)
    raise NoService(
        f"No {spec.kind} to test against. {tried}".strip(),
        f"Give --world-service-url={kind.SCHEMES[0]}://…, start Docker, or "
        + (f"`{EMBEDDED}`." if is_known(spec.kind) else "ask the world's author how to serve it."),
    )


def _addressed(spec: ServiceSpec, needs: Mapping[str, Service]) -> ServiceSpec:
    """The same, with the addresses of what it needs in what its container is given."""
    if not needs:
        return spec
    known = Service(spec.kind, "", "", "docker", needs=dict(needs)).addresses(inside=True)
    return msgspec.structs.replace(
        spec,
        env={name: fill_text(value, known) for name, value in spec.env.items()},
        args=tuple(fill_text(word, known) for word in spec.args),
    )


def url_for(kind: str, urls: Sequence[str]) -> str | None:
    """Which of the user's addresses is meant for a kind of service: by its scheme, or the only one."""
    if is_known(kind):
        fitting = [url for url in urls if kind_for_url(url) == kind]
        if fitting:
            return fitting[0]
        # A lone address of no kind we know is a mistyped one: starting refuses it and says so.
        return urls[0] if len(urls) == 1 and kind_for_url(urls[0]) == "other" else None
    return next((url for url in urls if kind_for_url(url) == "other"), None)


def _given(spec: ServiceSpec, kind: Kind, url: str) -> Service:
    """The user's own server, checked before anything is done to it."""
    url = checked(url)
    shown, scheme = redact(url), url.partition("://")[0].lower()
    if is_known(spec.kind) and scheme not in kind.SCHEMES:
        wanted = " or ".join(f"{one}://" for one in kind.SCHEMES)
        raise NoService(f"{shown} is not an address of a {spec.kind}.", f"It has to begin with {wanted}.")
    try:
        version = kind.check(url, _ANSWER_IN)
    except NotReadyError as error:
        raise NoService(
            f"Nothing answers at {shown}: {error}",
            "Is the server started, is the port right?",
        ) from error
    except WrongServerError as error:
        raise NoService(
            f"{shown} cannot be used: {error}.",
            "Check the address, the user and the password.",
        ) from error
    except ConformanceError:
        raise
    except Exception as error:
        # Whatever a client makes of bytes that are none of its protocol.
        raise NoService(
            f"{shown} does not answer like a {spec.kind}: {error_line(error)}.", "Is the port right?"
        ) from error
    run = new_run_id()
    return Service(
        spec.kind,
        url,
        version,
        "url",
        run=run,
        detail=shown,
        notes=_swept(kind, url),
        _stop=lambda: kind.drop_all(url, namespace_name(run, "")),
    )


def _swept(kind: Kind, url: str) -> tuple[str, ...]:
    """Remove what killed runs of this machine left there; a remark when there was something."""
    try:
        removed = remove(kind, url)
    except Exception as error:  # a driver's own: not being allowed to look is not a reason not to run
        return (f"what killed runs may have left there was not looked for: {error}",)
    names = ", ".join(left.name for left in removed)
    return (f"removed what a killed run had left there: {names}",) if removed else ()

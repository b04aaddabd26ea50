"""The real runtime of line 5.x over the references of line 5.x, by the relay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.oracle import check
from conformance.provision.catalog.find import load
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import parse
from conformance.provision.open import open_world
from conformance.provision.services.service import Service
from tests.needs import stores
from tests.runtime.play import once, variant

from .stores import ALL

_CORE = RuntimeWanted("5.0.0-beta.55")
_PLAYED = (("1/first-message-twice", "A6B9A4"), ("8/unread-payload", "AB"), ("8/even-branches", "aA7B9A5"))


@pytest.mark.parametrize("name", stores(sorted(ALL), slow=("local", "mongodb", "postgres", "redis")))
def test_there_is_nothing_to_find(name: str, service: Callable[[str], Service]) -> None:
    server = service(name) if load(name).service is not None else None
    target = replace(parse(f"{name}:reference"), options={"spec": "6"})
    opened = open_world(target, server, f"line5{name}", runtime=_CORE)
    try:
        for wanted, token in _PLAYED:
            played = once(opened, variant(wanted), token)
            assert played.history.broken == ""
            [log] = [snapshot.events for snapshot in played.history.snapshots]
            assert [event["eventId"][-2:] for event in log[:2]] == ["01", "02"]
            assert check(played.observe("runtime")) == []
    finally:
        opened.close()

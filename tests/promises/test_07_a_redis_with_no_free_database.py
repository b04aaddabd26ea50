"""A user's own redis has no free database number, so a run works in a database with somebody else's data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.core.errors import NoService
from conformance.provision.services.kinds import kind_of
from conformance.provision.services.runs import new_run_id
from conformance.provision.services.service import Service, namespace_name, with_path
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service
from tests.plugin.conftest import Run, run
from tests.promises.others_data import checksum, dead_run, fill
from tests.services.conftest import start_embedded
from tests.services.stores import put

__all__ = ["run"]

_KIND = kind_of("redis")
#: What the world of these tests stores beside its prefix, as queues of fixed names do.
_FIXED = ("bull:jobs:*",)


@pytest.fixture(scope="module")
def full() -> Iterator[Service]:
    """A redis with something in each database."""
    service = start_embedded("redis")
    fill(service)
    for number in range(2, 64):
        with _client(with_path(service.url, str(number))) as client:
            client.set("theirs", number)
    yield service
    service.stop()


def _client(url: str) -> Any:
    import redis  # noqa: PLC0415 - of the [embedded] extra

    return redis.Redis.from_url(url)


def _store(service: Service, *names: str) -> None:
    with _client(service.url) as client:
        for name in names:
            client.hset(name, "opts.maxLenEvents", 10_000)


def test_keys_of_fixed_names_are_removed_with_the_last_that_uses_them(full: Service) -> None:
    before = checksum(full)
    names = [namespace_name(full.run, name) for name in ("gw0", "gw1")]
    one, other = [_KIND.namespace(full.url, name, "prefix", None, _FIXED) for name in names]
    put("redis", one)
    put("redis", other)
    _store(full, "bull:jobs:meta", "bull:jobs:1")
    one.drop()
    assert "0/bull:jobs:meta" in checksum(full)
    other.drop()
    assert checksum(full) == before


def test_the_next_run_removes_those_of_a_dead_one(full: Service) -> None:
    before = checksum(full)
    for run_id in (dead_run(), new_run_id()):
        name = namespace_name(run_id, "main_0")
        left = _KIND.namespace(full.url, name, "prefix", None, _FIXED)
        _store(full, "bull:jobs:meta")
    start_service(ServiceSpec(kind="redis"), url=full.url).stop()
    assert "0/bull:jobs:meta" in checksum(full)  # which a run that is not over uses
    left.drop()
    assert checksum(full) == before


def test_keys_of_somebody_else_by_that_name_are_not_touched(full: Service) -> None:
    _store(full, "bull:jobs:meta")
    before = checksum(full)
    name = namespace_name(full.run, "main")
    with pytest.raises(NoService, match=r"has 'bull:jobs:meta': this world uses that name too"):
        _KIND.namespace(full.url, name, "prefix", None, _FIXED)
    assert checksum(full) == before
    with _client(full.url) as client:
        client.delete("bull:jobs:meta")


@pytest.mark.slow
def test_the_published_package_leaves_it_as_it_was(run: Run, full: Service) -> None:
    before = checksum(full)
    words = ["--world=redis", f"--world-service-url={full.url}", "--world-level=storage"]
    done = run(*words, "--world-budget=quick", "-k", "run_started", timeout=300)
    assert "inconclusive" not in done.stdout.splitlines()[-1]
    assert "not judged" in done.stdout, done.stdout + done.stderr
    assert checksum(full) == before

"""MySQL and MariaDB are asked who waits for a lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conformance.core.errors import NoService
from conformance.provision.services.kinds import Waits, driver, kind_of
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service

_EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "mysql-world"


def test_of_an_unknown_service_nobody_can_be_asked() -> None:
    assert kind_of("amqp").waits("amqp://127.0.0.1:1/") is None


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
def test_a_server_that_is_gone_is_said_so(scheme: str) -> None:
    with pytest.raises(NoService, match="MySQL cannot be asked who waits for locks"):
        kind_of("mysql").waits(f"{scheme}://root@127.0.0.1:1/world")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    spec = ServiceSpec(
        kind="mysql",
        url="mysql://root@{host}:{port}/world",
        command=("sh", "server.sh", "{host}", "{port}", "{directory}"),
        folder=_EXAMPLE,
    )
    service = start_service(spec)
    yield service.url
    service.stop()


@pytest.mark.slow
@pytest.mark.needs("mysql")
def test_who_waits_for_a_row_or_a_name_is_counted(url: str) -> None:
    asks = kind_of("mysql").waits(url)
    assert asks is not None
    owner, other = _client(url), _client(url)
    _run(owner, "CREATE TABLE steps (id INT PRIMARY KEY, status INT)")
    _run(owner, "INSERT INTO steps VALUES (1, 0), (2, 0)")
    owner.commit()
    assert asks.count() == 0
    with ThreadPoolExecutor() as threads:
        for take, release in (
            ("UPDATE steps SET status = status + 1 WHERE id = 1", "COMMIT"),
            ("SELECT GET_LOCK('run', 60)", "SELECT RELEASE_LOCK('run')"),
        ):
            _run(owner, take)
            waiting = threads.submit(_run, other, take)
            _until(asks, 1)
            _run(owner, release)
            waiting.result()
            assert asks.count() == 0
            _run(other, release)
    asks.close()


def _client(url: str) -> Any:
    pymysql = driver("pymysql", "pymysql")
    port = int(url.rpartition(":")[2].partition("/")[0])
    return pymysql.connect(host="127.0.0.1", port=port, user="root", database="world")


def _run(client: Any, statement: str) -> None:
    with client.cursor() as cursor:
        cursor.execute(statement)


def _until(asks: Waits, count: int) -> None:
    """Whoever was sent off waits soon; the time is for a machine that is busy."""
    deadline = time.monotonic() + 60
    while asks.count() != count:
        assert time.monotonic() < deadline

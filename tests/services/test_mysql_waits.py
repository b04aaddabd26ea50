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
from conformance.provision.services.kinds._mysql_waits import waiting_in
from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service

_EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "mysql-world"


def test_of_an_unknown_service_nobody_can_be_asked() -> None:
    assert kind_of("amqp").waits("amqp://127.0.0.1:1/") is None


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
def test_a_server_that_is_gone_is_said_so(scheme: str) -> None:
    with pytest.raises(NoService, match="MySQL cannot be asked who waits for locks"):
        kind_of("mysql").waits(f"{scheme}://root@127.0.0.1:1/world")


def test_who_waits_is_read_from_the_monitor() -> None:
    assert waiting_in(_MONITOR) == {13, 15}


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


@pytest.mark.slow
@pytest.mark.needs("mysql")
def test_whoever_has_been_given_a_lock_waits_no_more_when_the_other_has_its_answer(url: str) -> None:
    """By such an answer a schedule goes on: an actor that is taken to wait would be left out of it."""
    asks = kind_of("mysql").waits(url)
    assert asks is not None
    owner, other = _client(url), _client(url)
    _run(owner, "CREATE TABLE waits (id INT PRIMARY KEY, status INT)")
    _run(owner, "INSERT INTO waits VALUES (1, 0)")
    owner.commit()
    counted = []
    with ThreadPoolExecutor() as threads:
        for _ in range(400):
            _run(owner, "UPDATE waits SET status = status + 1")
            waiting = threads.submit(_run, other, "UPDATE waits SET status = status + 1")
            _until(asks, 1)
            owner.commit()
            counted.append(asks.count())
            waiting.result()
            other.commit()
    assert sum(counted) == 0
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


_MONITOR = """\
LIST OF TRANSACTIONS FOR EACH SESSION:
---TRANSACTION 7630, ACTIVE 0 sec starting index read
mysql tables in use 1, locked 1
LOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)
MariaDB thread id 13, OS thread handle 139852727256768, query id 12731 localhost 127.0.0.1 root Updating
update t set v='LOCK WAIT 7'
------- TRX HAS BEEN WAITING 317101 us FOR THIS LOCK TO BE GRANTED:
RECORD LOCKS space id 6 page no 3 n bits 320 index PRIMARY of table `t` trx id 7630 lock_mode X waiting
------------------
---TRANSACTION 7629, ACTIVE 0 sec
2 lock struct(s), heap size 1128, 2 row lock(s), undo log entries 1
MariaDB thread id 12, OS thread handle 139852726335168, query id 12730 localhost 127.0.0.1 root
---TRANSACTION 7631, ACTIVE 1 sec inserting
LOCK WAIT 3 lock struct(s), heap size 1128, 2 row lock(s)
MariaDB thread id 15, OS thread handle 139852727256769, query id 12735 localhost 127.0.0.1 root Update
"""

"""Ways in to a first verdict, each along its page: six of the twelve journeys of a maintainer.

The other six are in ``test_what_to_do_with_it.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.provision.services.spec import ServiceSpec
from conformance.provision.services.start import start_service
from tests.journeys.conftest import Journey
from tests.promises.documents import ROOT
from tests.promises.typed import command_line

Begin = Callable[..., Journey]
_EXAMPLES = ROOT / "docs" / "examples"
_ADD = "docs/add-a-world.md"


@pytest.mark.slow
@pytest.mark.needs("servers")
def test_unknown_package(journey: Begin) -> None:
    walk = journey(_ADD)
    assert "run_completed" in walk.types()
    written = (walk.folder / "my-world" / "world.toml").read_text()
    assert 'name = "@workflow-worlds/redis"' in written
    assert "keyPrefix" in written, "an option that this package has"


@pytest.mark.slow
def test_own_checkout(journey: Begin) -> None:
    walk = journey("docs/tutorial/1-your-world.md")
    assert "starter (path)" in walk.types(), "the checkout, and not the published package"


def test_behind_http(journey: Begin) -> None:
    walk = journey("docs/worlds-behind-http.md")
    walk.types()
    assert "1 passed" in walk.types()


@pytest.mark.needs("servers")
def test_emulator(journey: Begin) -> None:
    """What a service needs is there before it: here the bridge asks for it as it starts."""
    walk = journey(_ADD)
    mine = walk.folder / "mine"
    mine.mkdir()
    for file in (_EXAMPLES / "http-world").iterdir():
        (mine / file.name).write_text(file.read_text())
    world = (mine / "world.toml").read_text()
    (mine / "world.toml").write_text(world.partition("[service]")[0] + walk.reads().text)
    asks = "import os, redis\nredis.Redis.from_url(os.environ['REDIS_URL']).set('seen', 'yes')\n"
    bridge = mine / "bridge.py"
    bridge.write_text(bridge.read_text().replace("import sys\n", f"import sys\n{asks}", 1))
    done = command_line("doctor", "./mine", "--try", cwd=walk.folder)
    assert done.returncode == 0, done.stdout
    assert "opened and read" in done.stdout


@pytest.mark.slow
def test_python_world(journey: Begin) -> None:
    walk = journey("docs/python-worlds.md")
    assert "1 passed" in walk.types()


@pytest.mark.slow
@pytest.mark.needs("mysql")
def test_mysql(journey: Begin) -> None:
    walk = journey("docs/mysql.md")
    assert "1 passed" in walk.types()
    spec = ServiceSpec(
        kind="mysql",
        url="mysql://root@{host}:{port}/world",
        command=("sh", "server.sh", "{host}", "{port}", "{directory}"),
        folder=_EXAMPLES / "mysql-world",
    )
    service = start_service(spec)
    try:
        theirs = {"mysql://root@127.0.0.1:3306/world": service.url}
        assert "1 passed" in walk.types(theirs)
    finally:
        service.stop()

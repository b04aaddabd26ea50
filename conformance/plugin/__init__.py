"""The pytest plugin: ``pytest --world=redis``.

Loaded into every pytest of the environment, so this module imports nothing heavy and does nothing
unless a ``--world`` option is given.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from conformance.plugin.options import add_options, misspelt, wanted, without_a_world

_NAME = "world-conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the suite, all beginning with ``--world``."""
    add_options(parser)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser, args: list[str]) -> Generator[None]:
    """Say which option of ours a misspelt one is like: pytest says only that it does not know it."""
    yield  # a conftest may have options, too
    if any(word.startswith("--w") for word in args):
        _, unknown = parser.parse_known_and_unknown_args(args)
        if said := misspelt(unknown):
            raise pytest.UsageError(said)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Bring in the rest of the plugin, but only for a run of worlds."""
    if stray := without_a_world(config):
        raise pytest.UsageError(f"{stray} says nothing without a World: add --world=NAME")
    if not wanted(config):
        return
    from conformance.plugin.run import WorldRun  # noqa: PLC0415 - heavy
    from conformance.plugin.settings import settle  # noqa: PLC0415 - heavy

    settle(config)
    config.pluginmanager.register(WorldRun(config), _NAME)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, Any, Any]:
    """With ``--world`` the scenarios are collected, and nothing of the project pytest was started in."""
    run = session.config.pluginmanager.get_plugin(_NAME)
    if run is None:
        return (yield)
    args, session.config.args = session.config.args, [str(run.session.folder)]
    try:
        return (yield)
    finally:
        session.config.args = args

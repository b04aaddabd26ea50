"""The command of the Node host, and a Node.js that is too old for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.core.errors import CannotInstall
from conformance.provision import node as found
from conformance.provision.catalog.plan import node_host_command


def test_the_command_names_files_that_are_there() -> None:
    node, main = node_host_command()
    assert Path(node).exists()
    assert Path(main).is_file()


def test_a_node_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "node_version", lambda _: (18, 20, 1))
    found.find_node.cache_clear()
    with pytest.raises(CannotInstall, match=r"is Node\.js 18\.20\.1, older than 20"):
        found.find_node()

"""The command that starts the Node host."""

from __future__ import annotations

from typing import Final

from conformance.core.content import HOSTS
from conformance.core.errors import CannotInstall
from conformance.provision.catalog import node

#: The oldest major version the Node host runs on. Most worlds ask for 22 and only warn below it.
OLDEST: Final = 20


def find_node() -> str:
    """The path of a Node.js of version 20 or newer: ``WORLD_NODE``, PATH, or the wheel of ``[node]``.

    Raises :class:`CannotInstall`.
    """
    path = node.find_node()
    version = node.node_version(path)
    if version < (OLDEST,):
        shown = ".".join(str(part) for part in version)
        raise CannotInstall(
            f"{path} is Node.js {shown}, older than {OLDEST}.",
            'Install Node.js 22 or newer, or `pip install "workflow-world-conformance[node]"`.',
        )
    return path


def node_host_command() -> list[str]:
    """The command of the Node host. Raises :class:`CannotInstall` without Node."""
    return [find_node(), str(HOSTS / "node" / "main.mjs")]

"""What the README says works, tried as a user would: pytest in a process of its own."""

from tests.plugin.conftest import run

__all__ = ["run"]

"""``world-conformance rule``: what a rule means, what breaks it, and how to fix it on each database."""

from __future__ import annotations

import difflib

import click

from conformance.core.errors import ConformanceError
from conformance.spec.rules import RULES


@click.command(name="rule")
@click.argument("name", metavar="[RULE]", required=False)
def command(name: str | None) -> None:
    """Show the page of RULE, such as step.terminal-once, in Markdown; without it, list the rules.

    A page says what the rule means, which line of the runtime needs it, the shortest history that breaks it
    (it is played now), and how to keep it on SQL, Redis, MongoDB and files.
    """
    if name is None:
        for rule in RULES.values():
            click.echo(f"{rule.id:26} {rule.severity:6} {rule.title}")
        return
    if name not in RULES:
        close = difflib.get_close_matches(name, RULES, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`world-conformance rule` lists them."
        raise ConformanceError(f"There is no rule {name[:80]!r}.", hint)
    from conformance.rulebook.document import page  # noqa: PLC0415 (only when a page is wanted)

    click.echo(page(RULES[name]), nl=False)

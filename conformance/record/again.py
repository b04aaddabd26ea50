"""The command that shows a failure again: the one function that builds it, for every way to name a world."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from conformance.core.program import program
from conformance.provision.catalog.again import asked_words, searched_in
from conformance.provision.catalog.code import Code
from conformance.provision.catalog.runtimes import RuntimeWanted
from conformance.provision.catalog.target import Target


@dataclass(frozen=True, slots=True)
class Again:
    """What a command says beside its world: ``--world-service``, the user's own server, the seed unless 0."""

    service: str = ""
    service_url: str = ""
    seed: int = 0

    def words(self, target: Target, code: Code | None) -> list[str]:
        """The options that name a world and what is behind it, without secrets: what a record keeps."""
        return asked_words(target, code, service=self.service, service_url=self.service_url)

    def command(self, target: Target, code: Code | None, runtime: RuntimeWanted | None, *further: str) -> str:
        """A command for a shell that runs ``further`` on this world. A secret is left out as ``***``."""
        words = self.words(target, code)
        if runtime is not None:
            words.append(f"--world-runtime={runtime.word}")
            words += ["--world-translate-errors"] if runtime.translate else []
        words += [f"--world-seed={self.seed}"] if self.seed else []
        assigned = [f"{name}={shlex.quote(value)}" for name, value in searched_in(target).items()]
        return " ".join([*assigned, shlex.join([*program(), *words, *further])])

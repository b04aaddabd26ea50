"""The scripts of actions and workflows, run as the runner of GitHub would."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


class Runner:
    """Runs the scripts of a job, as the runner of GitHub would; what they install is there already."""

    def __init__(self, folder: Path, bin_folder: Path, **contexts: str) -> None:
        """``contexts`` is what expressions mean: ``{"inputs.world": "redis"}``; and ``PYTHONPATH``."""
        self.folder = folder
        self.contexts = contexts
        self.outputs: dict[str, str] = {}
        #: what the scripts printed
        self.said = ""
        folder.mkdir(parents=True, exist_ok=True)
        temp = folder.with_name(f"{folder.name}-temp")  # not in the folder, which may be built
        self._output, self._summary = temp / "output", temp / "summary.md"
        (temp / "world-conformance").mkdir(parents=True)
        (temp / "world-conformance" / "bin").symlink_to(bin_folder)
        self._summary.touch()
        self._environment = os.environ | {
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": contexts.pop("PYTHONPATH", str(ROOT)),
            "RUNNER_TEMP": str(temp),
            "RUNNER_OS": "Linux",
            "GITHUB_JOB": "conformance",
            "GITHUB_OUTPUT": str(self._output),
            "GITHUB_STEP_SUMMARY": str(self._summary),
        }

    @property
    def summary(self) -> str:
        return self._summary.read_text(encoding="utf-8")

    def run(self, steps: list[dict[str, Any]]) -> int:
        """The status of the first script that failed, after which none is run; else 0."""
        for step in steps:
            if "run" not in step or step.get("name", "").startswith("Install"):
                continue
            environment = dict(self._environment)
            for name, value in step.get("env", {}).items():
                environment[name] = re.sub(
                    r"\$\{\{ (\S+) \}\}", lambda found: self._means(found[1]), str(value)
                )
            self._output.write_text("")
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=240,
            )
            self.said += done.stdout
            if "id" in step:
                lines = self._output.read_text().splitlines()
                outputs = dict(line.split("=", 1) for line in lines)
                self.outputs |= outputs
                self.contexts |= {f"steps.{step['id']}.outputs.{key}": each for key, each in outputs.items()}
            if done.returncode:
                return done.returncode
        return 0

    def _means(self, expression: str) -> str:
        return (
            self.contexts.get(expression, "")
            if expression.startswith("steps.")
            else self.contexts[expression]
        )

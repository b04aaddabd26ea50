"""Gates at the file system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .driver import Driven

Toy = Callable[..., Driven]


def test_promised_synchronous_and_handle_operations_are_held(toy: Toy, tmp_path: Path) -> None:
    gates, answer = toy(options={"folder": str(tmp_path)}, gates=["fs"], warm=0).run("toy.files")
    assert [(gate["label"], gate["access"]) for gate in gates] == [
        ("open a.txt", "write"),
        ("write a.txt", "write"),
        ("readFile a.txt", "read"),
        ("readdir " + str(tmp_path), "read"),
        ("open a.txt", "write"),
        ("write a.txt", "write"),
        ("open a.txt.sync", "write"),
        ("write a.txt.sync", "write"),
        ("rename a.txt -> a.txt.moved", "write"),
        ("readFile a.txt.moved", "read"),
    ]
    assert answer["value"] == "onetwo"
    folder = str(tmp_path)
    assert gates[0]["keys"] == ["a.txt", folder], "a file that comes or goes also changes its folder"
    assert gates[1]["keys"] == ["a.txt"], "its content is nobody else's"
    assert [gate["label"] for gate in gates if gate.get("rest")] == ["write a.txt", "write a.txt.sync"]
    assert gates[3]["keys"] == [folder]


def test_files_elsewhere_are_not_held(toy: Toy, tmp_path: Path) -> None:
    world = {"options": {"folder": str(tmp_path)}, "gates": ["fs"], "warm": 0}
    assert toy(**world, paths=[str(tmp_path / "other")]).run("toy.files")[0] == []


def test_among_several_actors_only_the_synchronous_ones_pass(toy: Toy, tmp_path: Path) -> None:
    host = toy(actors="AB", options={"folder": str(tmp_path)}, gates=["fs"], warm=0)
    gates, answer = host.run("toy.files", actor="B")
    assert [gate["label"] for gate in gates] == [
        "open a.txt",
        "write a.txt",
        "readFile a.txt",
        "readdir " + str(tmp_path),
        "open a.txt",
        "write a.txt",
        "rename a.txt -> a.txt.moved",
    ]
    assert answer["value"] == "onetwo"

"""``new-world`` writes what the package has, not what packages usually have."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from conformance.cli.new_world import command
from conformance.provision.catalog.descriptor import read


def test_only_names_of_the_package_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "mine"}')
    (folder / "index.js").write_text(
        "export const createWorld = ({ url }) => make(url ?? process.env.REDIS_URL)"
    )
    done = CliRunner().invoke(command, ["mine", "--service", "redis", "--in", str(tmp_path)])
    assert done.exit_code == 0, done.output
    made = read(folder / "world.toml")
    assert made.options == {"url": "{service.url}"}
    assert made.env == {"REDIS_URL": "{service.url}"}


def test_the_database_is_the_one_whose_client_the_package_depends_on(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "mine", "dependencies": {"ioredis": "5"}}')
    (folder / "index.js").write_text("export const createWorld = ({ redisUrl }) => make(redisUrl)")
    done = CliRunner().invoke(command, ["mine", "--in", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "mine depends on ioredis: a world on redis (--service says otherwise)" in done.output
    made = read(folder / "world.toml")
    assert made.service is not None
    assert (made.service.kind, made.options) == ("redis", {"redisUrl": "{service.url}"})
    assert made.host.gates == ("net",)

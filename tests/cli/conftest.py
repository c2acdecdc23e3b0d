"""The command line as it is called, over a database of the test's own."""

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from moderation.cli import main
from moderation.services.submitting import submit_comment
from moderation.settings import Settings
from moderation.store.tables import Article, Comment
from moderation.store.unit_of_work import Database
from tests.builders import a_new_comment
from tests.workbench import Clock, Receiver, log_settings_kept, rows, tools_over


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def table(self) -> list[list[str]]:
        return [line.split("\t") for line in self.lines]


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch, tmp_path, capsys) -> Run:
    """Call a command in this process; `stdin` may be text or bytes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODERATION_DATABASE_URL", f"sqlite:///{tmp_path}/moderation.db")

    def run(*args: str, stdin: str | bytes = "") -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "argv", ["moderation", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
        with log_settings_kept(), pytest.raises(SystemExit) as left:
            main()
            sys.exit(0)
        captured = capsys.readouterr()
        return Ran(int(left.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def seeded(run, sqlite_file, tmp_path) -> Database:
    """The database behind the commands, with the seeded site and article."""
    (tmp_path / "moderation.db").write_bytes(sqlite_file.read_bytes())
    assert run("seed").code == 0
    return Database(f"sqlite:///{tmp_path}/moderation.db")


@pytest.fixture
def policy_copy(tmp_path) -> Path:
    """A copy of the policy in use, with its word lists, to be spoilt."""
    original = Settings().policy_path
    shutil.copytree(original.parent, tmp_path / "config")
    shutil.copytree(original.parent.parent / "seeds", tmp_path / "seeds")
    return tmp_path / "config" / original.name


@pytest.fixture
def comment(seeded, engine) -> Comment:
    """A rejected comment on the seeded article."""
    tools = tools_over(seeded, engine, Clock(), Receiver())
    (article,) = rows(seeded, Article)
    return submit_comment(tools, a_new_comment(article, "You are an idiot.")).comment

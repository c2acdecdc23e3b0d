"""What the service never does: run programs, run text as code, unpickle, guess at random where it must be unguessable."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "moderation"
# Serving alone: what trains draws at random and reads its own files.
SERVING = [path for path in sorted(PACKAGE.rglob("*.py")) if "classifier" not in path.parts]
SCRIPTS = sorted((PACKAGE / "web" / "static").glob("*.js"))
TEMPLATES = sorted((PACKAGE / "web" / "templates").rglob("*.html"))
FORBIDDEN = {
    "subprocess": "programs of the system",
    "pty": "programs of the system",
    "pickle": "objects out of bytes",
    "marshal": "objects out of bytes",
    "shelve": "objects out of bytes",
    "yaml": "objects out of text",
    "lxml": "entities of foreign files",
    "xml.etree.ElementTree": "entities of foreign files",
    "xml.dom": "entities of foreign files",
}
CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "system",
    "popen",
    "execvp",
    "spawn",
    "md5",
    "sha1",
    "render_template_string",
}
# A pause is spread at random, and nothing depends on that nobody guesses it.
DRAWS = {"services/delivering.py", "web/overload.py"}
# PostgreSQL's own pg_dump and pg_restore; our own command, started for each queue.
PROGRAMS = {"store/backups.py", "tasks.py"}


def name_of(call: ast.Call) -> str:
    """The name that is called, without the module: `os.system` is system, and `re.compile` is compile of re."""
    called = call.func
    if isinstance(called, ast.Attribute):
        owner = called.value.id if isinstance(called.value, ast.Name) else ""
        return f"{owner}.{called.attr}" if (owner, called.attr) == ("re", "compile") else called.attr
    return called.id if isinstance(called, ast.Name) else ""


@pytest.mark.parametrize("path", SERVING, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_serves_runs_no_program_and_makes_no_object_of_foreign_bytes(path):
    place = str(path.relative_to(PACKAGE))
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        imported = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        allowed = {"subprocess"} if place in PROGRAMS else set()
        assert not [name for name in imported if name in FORBIDDEN and name not in allowed], place
        assert "random" not in imported or place in DRAWS
        if isinstance(node, ast.Call):
            assert name_of(node) not in CALLS, f"{place}:{node.lineno}"


def test_there_is_something_to_look_at():
    assert len(SERVING) > 150
    assert len(SCRIPTS) > 4
    assert len(TEMPLATES) > 50


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_of_ours_makes_markup_of_words_or_keeps_anything_but_whether_keys_are_on(path):
    script = path.read_text("utf-8")
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|document\.cookie"
    parsed = r"sessionStorage|indexedDB|caches\."
    assert re.findall(f"{markup}|{parsed}", script) == []
    kept = re.findall(r"localStorage\.setItem\((\w+), ", script)
    assert kept == (["KEYS"] if path.name == "queue.js" else [])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_template_lets_words_through_unescaped(path):
    page = path.read_text("utf-8")
    through = re.findall(
        r"\{\{[^}]*\|\s*safe[^}]*\}\}|autoescape|<script(?![^>]*\bsrc=)|\son\w+=\"|\sstyle=\"", page
    )
    assert through == []
    for constant in re.findall(r"(\S+) \| safe", page):  # of a text of ours alone
        assert constant.endswith(("'", '"')), path

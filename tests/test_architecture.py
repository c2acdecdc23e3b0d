"""The house stands as it was drawn: imports point down, every module says what it is for."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "moderation"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_for(path):
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring, f"{path} has no docstring"
    assert docstring[0].isupper() or docstring[0] in "`1", docstring


@pytest.mark.parametrize("layer", ["engine", "store", "protocols", "services", "classifier"])
def test_only_the_edges_know_flask(layer):
    for path in (PACKAGE / layer).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not any(name.split(".")[0] in ("flask", "apiflask") for name in names), path


def test_the_ten_longest_files_are_printed(capsys):
    """Not a limit: a look at where a second job may have grown (`pytest -s`)."""
    lengths = sorted(
        ((len(path.read_text("utf-8").splitlines()), path.name) for path in MODULES), reverse=True
    )
    with capsys.disabled():
        print("\nlongest:", ", ".join(f"{name} {length}" for length, name in lengths[:10]))
    assert sorted(length for length, _ in lengths)[len(lengths) // 2] <= 150  # the median

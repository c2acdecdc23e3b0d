"""`moderation decide --input`: the contract of the lines, over files that need not fit into memory."""

import json
import os
import subprocess
import sys

import pyarrow as pa
import pytest
from pyarrow import parquet

from moderation.cli import deciding
from moderation.engine.lines import as_line, decide_lines
from moderation.settings import Settings
from tests.builders import NOW

ATTACK, CLEAN = "You are an idiot.", "I see it otherwise, and here is why."
ROWS = [
    {"id": "1", "body": CLEAN, "author": "Ann", "language": "en"},
    {"id": "2", "body": ATTACK},
    {"id": "3", "body": ""},
    {
        "id": "4",
        "body": "Anahit Testyan is an idiot.",
        "parent": {"author": "Anahit Testyan", "body": "Yes."},
    },
    {
        "id": "5",
        "body": "Anahit Testyan is an idiot.",
        "article": {"title": "A vote", "text": "", "author": "Jo", "people": ["Anahit Testyan"]},
    },
    {"id": None, "body": CLEAN},
    {"id": "7", "body": None},
]
SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "body": pa.string(),
        "author": pa.string(),
        "language": pa.string(),
        "parent": pa.struct({"author": pa.string(), "body": pa.string()}),
        "article": pa.struct(
            {
                "title": pa.string(),
                "text": pa.string(),
                "author": pa.string(),
                "people": pa.list_(pa.string()),
            }
        ),
        "likes": pa.int64(),  # nothing the contract names
    }
)


def without_nothing(value):
    """A row as a line has it: without the columns that are empty for it."""
    return {name: held for name, held in value.items() if held is not None or name == "clause"}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "comments.parquet"
    parquet.write_table(pa.Table.from_pylist(ROWS, SCHEMA), path, row_group_size=3)
    return path


@pytest.fixture(autouse=True)
def built_once(engine, monkeypatch):
    """The engine as it serves, built for all of these tests."""
    monkeypatch.setattr(deciding, "build_engine", lambda _: engine)


@pytest.fixture
def lines(engine):
    """What is said of the same rows as lines."""
    given = [json.dumps(without_nothing(row)).encode() for row in ROWS]
    return [json.loads(as_line(answer)) for answer in decide_lines(engine, given, lambda: NOW)]


def test_a_table_is_decided_as_its_rows_would_be_as_lines(run, table, lines):
    ran = run("decide", "--input", str(table))
    assert ran.code == 1  # some rows are malformed
    assert [json.loads(line) for line in ran.lines] == lines
    assert [answer.get("verdict") for answer in lines] == [
        "publish",
        "reject",
        None,
        "reject",
        "hold",
        None,
        None,
    ]


def test_written_as_a_table_it_has_the_same_fields(run, table, lines, tmp_path, monkeypatch):
    monkeypatch.setattr(deciding, "_ROWS", 2)
    out = tmp_path / "out.parquet"
    ran = run("decide", "--input", str(table), "--output", str(out))
    assert (ran.code, ran.out) == (1, "")
    written = [without_nothing(row) for row in parquet.read_table(out).to_pylist()]
    for row, line in zip(written, lines, strict=True):
        if "error" in line:
            assert {name: row[name] for name in line} == line
            assert "verdict" not in row
        else:
            assert row == line


def test_lines_of_a_file_go_to_a_table_and_whole_ones_end_well(run, tmp_path):
    given, out = tmp_path / "comments.jsonl", tmp_path / "out.parquet"
    given.write_text("".join(f'{{"id": "{n}", "body": "{ATTACK}"}}\n' for n in range(600)))
    assert run("decide", "--input", str(given), "--output", str(out)).code == 0
    table = parquet.read_table(out, columns=["id", "verdict"])
    assert table["id"].to_pylist() == [str(n) for n in range(600)]
    assert {*table["verdict"].to_pylist()} == {"reject"}


@pytest.mark.parametrize("name", ["none.parquet", "none.jsonl", "no.parquet"])
def test_what_cannot_be_read_is_one_sentence_without_its_words(run, tmp_path, name):
    (tmp_path / "no.parquet").write_text("a reader's words")
    ran = run("decide", "--input", name)
    assert (ran.code, ran.out) == (2, "")
    assert name in ran.err
    assert "words" not in ran.err


def test_without_ray_the_command_says_what_to_install(run, table, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    ran = run("decide", "--input", str(table), "--output", "out", "--engine", "ray")
    assert (ran.code, ran.out) == (2, "")
    assert "moderation[ray]" in ran.err


@pytest.mark.ray
def test_ray_decides_a_table_as_this_process_does(tmp_path):
    rows = [{**row, "id": row["id"] and f"{row['id']}-{n}"} for n in range(300) for row in ROWS]
    source, here, there = (tmp_path / name for name in ("comments.parquet", "here.parquet", "there"))
    parquet.write_table(pa.Table.from_pylist(rows, SCHEMA), source, row_group_size=512)
    root = Settings().policy_path.parent.parent
    for options in (["--output", str(here)], ["--output", str(there), "--engine", "ray"]):
        command = [sys.executable, "-m", "moderation", "decide", "--input", str(source), *options]
        ran = subprocess.run(command, cwd=root, env=os.environ, check=False, capture_output=True)
        assert ran.returncode == 1, ran.stderr.decode()[-2000:]  # for malformed rows, as here

    def decided(path):
        read = parquet.read_table(path).drop_columns(["line"]).to_pylist()
        return sorted(read, key=json.dumps)

    assert decided(there) == decided(here)
    assert len(decided(there)) == len(rows)

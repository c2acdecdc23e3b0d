"""The real Isso (PyPI's) imports what we export, and opens the database we write."""

import json
import subprocess
import venv

import pytest

from moderation.services import exporting, importing
from tests.archives import every_trap_of_wxr
from tests.builders import a_site, stored

pytestmark = pytest.mark.interop
ISSO = "isso==0.14.0"
LOOK = """
import json, sys
from isso.config import load
from isso.db import SQLite3
import importlib.resources as resources
conf = load(str(resources.files("isso") / "isso.cfg"))
db = SQLite3(sys.argv[1], conf)
shown = {uri: [c["text"] for c in db.comments.fetch(uri)] for (uri,) in db.execute("SELECT uri FROM threads").fetchall()}
answers = db.execute("SELECT count(*) FROM comments WHERE parent IS NOT NULL").fetchone()[0]
print(json.dumps({"version": db.version, "modes": db.comments.count_modes(), "shown": shown, "answers": answers}))
"""


@pytest.fixture(scope="module")
def isso(tmp_path_factory):
    """The folder of an environment with Isso and nothing of ours."""
    folder = tmp_path_factory.mktemp("isso")
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "pip", "install", "-q", ISSO], check=True, timeout=300)
    return folder / "bin"


@pytest.fixture
def site(tools, tmp_path):
    """A site with nine imported comments: six are published, one waits, one is spam, one removed."""
    site = a_site(slug="paper", origins=["https://paper.example"])
    with tools.database.begin() as store:
        stored(store, site)
    archive = every_trap_of_wxr(tmp_path / "a.xml")
    assert [*importing.import_archive(tools, site, archive, "cli")][-1].report["imported"] == 9
    return site


def looked_at(isso, path):
    """What Isso says of a database: its version, comments by mode, and what it shows by page."""
    told = subprocess.run([isso / "python", "-c", LOOK, path], check=True, capture_output=True, timeout=60)
    return json.loads(told.stdout)


@pytest.mark.parametrize(
    ("wanted", "options", "modes"),
    [
        ("wordpress", [], {"1": 6, "2": 3}),  # Isso holds what WordPress did not approve
        ("disqus", ["--empty-id"], {"1": 6}),  # and deletes what is deleted and was not answered
    ],
)
def test_isso_imports_every_comment_of_our_exports(isso, tools, site, tmp_path, wanted, options, modes):
    out, database = tmp_path / "out.xml", tmp_path / "comments.db"
    exporting.export_site(tools, site, out, {"wordpress": "wxr"}.get(wanted, wanted), "cli")
    (tmp_path / "isso.cfg").write_text(f"[general]\ndbpath = {database}\nhost = https://paper.example/\n")
    command = [isso / "isso", "-c", tmp_path / "isso.cfg", "import", "-t", wanted, *options, out]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    found = looked_at(isso, database)
    assert found["modes"] == modes
    assert found["answers"] == 2


def test_isso_opens_the_database_we_write_and_shows_what_is_published(isso, tools, site, tmp_path):
    out = tmp_path / "new.db"
    assert exporting.export_site(tools, site, out, "isso", "cli") == 9
    found = looked_at(isso, out)
    assert (found["version"], found["modes"], found["answers"]) == (5, {"1": 6, "2": 1, "4": 2}, 2)
    (shown,) = found["shown"].values()
    assert "An answer before what it answers 🙂" in shown
    assert "Cheap pills" not in shown

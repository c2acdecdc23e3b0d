"""A real WordPress (Debian's) with the Akismet plug-in it comes with, and nothing of ours but the guide's ten lines.

Needs Debian's wordpress, PHP and MariaDB; runs on a copy of the package, with a database on a socket of its own.
"""

import html
import json
import os
import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from moderation.services import importing, reviewing
from moderation.store.tables import Comment, LabelledDecision
from tests.builders import a_moderator, a_site, an_api_key, digest_of, stored
from tests.interop.served import served
from tests.workbench import rows

pytestmark = pytest.mark.interop
HERE = Path(__file__).parent
PLUG_IN_HERE = HERE.parent.parent / "docs" / "wordpress" / "moderation-here.php"
PACKAGE = Path("/usr/share/wordpress")
KEY, PASSWORD = "c0ffee123456", "a password of the test"
CLEAN = 'I see it otherwise, and here\'s why: it "works".'
PROFANE, UNREAD = "This is fucking bullshit.", "არცახი სომხეთია და მორჩა"


@dataclass(frozen=True)
class WordPress:
    tree: Path
    address: str
    sock: Path

    def sql(self, query):
        """Return the rows of an answer, columns as text."""
        command = ["mariadb", "--no-defaults", "-u", "root", "-S", self.sock, "wp", "-N", "-e", query]
        told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
        return [line.split("\t") for line in told.splitlines()]

    def php(self, script, *words):
        command = ["php", script, *words]
        subprocess.run(command, cwd=self.tree, check=True, capture_output=True, timeout=120)

    def comment(self, body, name):
        """Send the form of the first article as a reader does, an hour after whoever was before."""
        for column in ("comment_date", "comment_date_gmt"):
            self.sql(f"UPDATE wp_comments SET {column} = DATE_SUB({column}, INTERVAL 1 HOUR)")
        form = {
            "comment": body,
            "author": name,
            "email": f"{name.lower()}@example.com",
            "comment_post_ID": "1",
        }
        answer = httpx.post(f"{self.address}/wp-comments-post.php", data=form, timeout=60)
        assert answer.status_code == 302, answer.text

    def status(self):
        """Return the state of each comment by its author: 1 shown, 0 pending, spam."""
        return dict(self.sql("SELECT comment_author, comment_approved FROM wp_comments WHERE comment_ID > 1"))

    def press(self, editor, action, name, where):
        """Press a button beside a comment, as an editor who is signed in."""
        ((comment_id,),) = self.sql(f"SELECT comment_ID FROM wp_comments WHERE comment_author = '{name}'")
        page = editor.get(f"{self.address}/wp-admin/edit-comments.php?comment_status={where}").text
        links = [html.unescape(link) for link in re.findall(r"href=['\"](comment\.php\?[^'\"]*)", page)]
        (link,) = {ln for ln in links if f"action={action}&" in ln and f"c={comment_id}&" in f"{ln}&"}
        assert editor.get(f"{self.address}/wp-admin/{link}").status_code == 200

    def signed_in(self):
        editor = httpx.Client(timeout=60, follow_redirects=True)
        editor.get(f"{self.address}/wp-login.php")
        form = {
            "log": "admin",
            "pwd": PASSWORD,
            "testcookie": "1",
            "redirect_to": f"{self.address}/wp-admin/",
        }
        assert editor.post(f"{self.address}/wp-login.php", data=form).url.path == "/wp-admin/"
        return editor


@pytest.fixture
def wordpress(tools, tmp_path, tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, tree = f"http://127.0.0.1:{port}", tmp_path / "wp"
    site = a_site(slug="paper", origins=[address])
    with tools.database.begin() as store:
        stored(store, site, an_api_key(site, digest=digest_of(KEY), scopes=["akismet"]))
    shutil.copytree(PACKAGE, tree, ignore=shutil.ignore_patterns("wp-config.php"))
    (tree / "wp-content" / "mu-plugins").mkdir(exist_ok=True)
    shutil.copy(PLUG_IN_HERE, tree / "wp-content" / "mu-plugins")
    for script in (HERE / "wordpress").glob("*.php"):
        shutil.copy(script, tree)
    theme = tree / "wp-content" / "themes" / "plain"
    theme.mkdir()
    (theme / "style.css").write_text("/*\nTheme Name: Plain\n*/\n")
    (theme / "index.php").write_text("<?php echo 'plain';")
    # A path of a socket is short, and MariaDB does not run as root.
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    sock = folder / "sock"
    shutil.chown(folder, "mysql")
    install = ["mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={folder}/data"]
    install += ["--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    serve = ["mariadbd", "--no-defaults", "--user=mysql", f"--datadir={folder}/data", f"--socket={sock}"]
    serve += [f"--pid-file={folder}/pid", "--skip-networking"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    database = subprocess.Popen(serve, **quiet)
    here = WordPress(tree, address, sock)
    try:
        with served(tools) as ours:
            settings = {
                "DB_NAME": "wp",
                "DB_USER": "root",
                "DB_PASSWORD": "",
                "DB_HOST": f"localhost:{sock}",
                "DB_CHARSET": "utf8mb4",
                "DISABLE_WP_CRON": True,
                "WP_HTTP_BLOCK_EXTERNAL": True,
                "WP_ACCESSIBLE_HOSTS": "rest.akismet.com,127.0.0.1",
                "MODERATION_BASE": f"http://127.0.0.1:{ours}",
                "WPCOM_API_KEY": KEY,
            }
            (tree / "settings.json").write_text(json.dumps(settings))
            create = ["mariadb", "--no-defaults", "-u", "root", "-S", str(sock), "-e", "CREATE DATABASE wp"]
            until_done(lambda: subprocess.run(create, **quiet, check=False).returncode == 0)
            here.php("install.php", address, PASSWORD)
            workers = os.environ | {"PHP_CLI_SERVER_WORKERS": "3"}
            php = subprocess.Popen(
                ["php", "-S", f"127.0.0.1:{port}", "-t", tree], env=workers, start_new_session=True, **quiet
            )
            try:
                until_done(lambda: answers(address))
                yield here
            finally:
                os.killpg(php.pid, 15)
                php.wait()
    finally:
        database.terminate()
        database.wait()
        shutil.rmtree(folder)


def until_done(done):
    for _ in range(200):
        if done():
            return
        time.sleep(0.2)
    raise AssertionError("it did not start")


def answers(address):
    try:
        return httpx.get(address, timeout=10).status_code == 200
    except httpx.TransportError:
        return False


def test_comments_are_decided_here_judged_there_and_decided_later(wordpress, tools):
    for name, body in (("Ann", CLEAN), ("Bob", PROFANE), ("Cyd", UNREAD)):
        wordpress.comment(body, name)
    assert wordpress.status() == {"Ann": "1", "Bob": "spam", "Cyd": "0"}
    kept = rows(tools.database, Comment)
    assert [(comment.body, comment.state) for comment in kept] == [
        (CLEAN, "published"),
        (PROFANE, "rejected"),
        (UNREAD, "held"),
    ]

    editor = wordpress.signed_in()
    wordpress.press(editor, "spamcomment", "Ann", "all")
    wordpress.press(editor, "unspamcomment", "Bob", "spam")
    labels = [(label.comment_id, label.verdict) for label in rows(tools.database, LabelledDecision)]
    assert labels == [(kept[0].id, "reject"), (kept[1].id, "publish")]
    page = editor.get(f"{wordpress.address}/wp-admin/admin.php?page=akismet-key-config")
    assert page.status_code == 200

    host = wordpress.address.removeprefix("http://")
    wordpress.php("ask_again.php", host)
    assert wordpress.status()["Cyd"] == "0"
    moderator = a_moderator()
    with tools.database.begin() as store:
        stored(store, moderator)
    reviewing.review(tools, kept[2].id, "approve", moderator, kept[2].version)
    wordpress.php("ask_again.php", host)
    assert wordpress.status()["Cyd"] == "1"


def test_its_own_export_is_imported_here_and_every_comment_accounted_for(wordpress, tools, tmp_path):
    threads = (  # id, answers, state there, words
        (101, 0, "1", "Շնորհակալություն 🙏 ]]> & <b>bold</b>"),
        (102, 101, "1", "An answer."),
        (103, 102, "0", "An answer to that, waiting."),
        (104, 0, "trash", "In the bin."),
        (105, 0, "spam", "Cheap watches."),
    )
    for key, parent, approved, words in threads:
        wordpress.sql(
            "SET NAMES utf8mb4; INSERT INTO wp_comments (comment_ID, comment_post_ID, comment_author, "
            "comment_author_email, comment_date, comment_date_gmt, comment_content, comment_approved, comment_parent) "
            f"VALUES ({key}, 1, 'Ann {key}', 'ann{key}@example.com', '2026-11-20 10:00:00', '2026-11-20 09:00:00', "
            f"'{words}', '{approved}', {parent})"
        )
    told = wordpress.signed_in().get(f"{wordpress.address}/wp-admin/export.php?download=true&content=all")
    assert told.headers["Content-Type"].startswith("text/xml")
    archive = tmp_path / "wordpress.xml"
    archive.write_bytes(told.content)
    with tools.database.read() as store:
        (site,) = store.sites.all()
    (*_, found) = importing.import_archive(tools, site, archive, "cli")

    here = {row.body: row for row in rows(tools.database, Comment)}
    top, answer, deep = (
        here[words] for words in ("Շնորհակալություն 🙏 ]]> & bold", "An answer.", threads[2][3])
    )
    assert (top.state, answer.state, deep.state) == ("published", "published", "held")
    assert (answer.parent_id, deep.parent_id, deep.top_id) == (top.id, answer.id, top.id)
    assert here["In the bin."].state == "removed"
    assert top.received_at.isoformat() == "2026-11-20T09:00:00+00:00"
    # WordPress exports no spam; all else is here or in the report, the comment that it brings along itself too.
    ((there,),) = wordpress.sql("SELECT count(*) FROM wp_comments WHERE comment_approved <> 'spam'")
    skipped = [*importing.skipped_records(tools, found.id)]
    assert len(here) + len(skipped) == int(there) == found.done
    assert "Cheap watches." not in here
    (*_, again) = importing.import_archive(tools, site, archive, "cli")
    assert len(rows(tools.database, Comment)) == len(here)
    assert again.report["imported"] == 0

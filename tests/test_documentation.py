"""What is configurable and callable is written down."""

import re
from pathlib import Path

import click
import pytest
import typer
from sqlalchemy import JSON, LargeBinary, String

from moderation.bootstrap.tools import build_tools
from moderation.cli import build_app
from moderation.engine.policy import load_policy
from moderation.services.permissions import PERMISSIONS, ROLES, has
from moderation.settings import Settings
from moderation.store.tables import Table
from moderation.web import create_app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")
API = (ROOT / "docs" / "api.md").read_text("utf-8")
PRIVACY = (ROOT / "docs" / "privacy.md").read_text("utf-8")
ACCOUNTS = (ROOT / "docs" / "accounts.md").read_text("utf-8")


def commands(command, path=()):
    if isinstance(command, click.Group) or hasattr(command, "commands"):
        for name, part in command.commands.items():
            yield from commands(part, (*path, name))
    else:
        yield " ".join(path)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_written_down(name):
    assert f"`MODERATION_{name.upper()}`" in OPERATING


@pytest.mark.parametrize("command", sorted(commands(typer.main.get_command(build_app()))))
def test_every_command_is_written_down(command):
    assert f"moderation {command}" in OPERATING + README


def test_the_table_of_permissions_is_the_list_that_decides():
    rows = [line.strip("| ").split(" | ") for line in ACCOUNTS.splitlines() if line.startswith("| ")]
    start = rows.index(["to", *ROLES])
    assert rows[start + 1 : start + 1 + len(PERMISSIONS)] == [
        [one.sentence, *("yes" if has(role, one.name) else "–" for role in ROLES)]
        for one in PERMISSIONS.values()
    ]


def test_every_event_of_an_account_is_written_down():
    services = (ROOT / "moderation" / "services").glob("*.py")
    events = {
        name for path in services for name in re.findall(r"\"(moderator\.\w+)\"", path.read_text("utf-8"))
    }
    assert len(events) > 15
    assert {name for name in events if f"`{name}`" not in ACCOUNTS} == set()


def test_every_clause_is_written_down(policy_ids):
    for clause_id in policy_ids:
        assert f"`{clause_id}`" in README, clause_id


@pytest.fixture
def policy_ids():
    policy = load_policy(Settings().policy_path)
    return [*policy.clauses, *policy.reserved]


def test_every_make_target_is_in_the_readme():
    targets = [
        line.split(":")[0]
        for line in (ROOT / "Makefile").read_text().splitlines()
        if "##" in line and ":" in line
    ]
    for target in targets:
        if not target.startswith((".", "help", "lock", "\t")):
            assert f"make {target}" in README, target


def test_no_file_names_a_machine_s_path_or_a_package_index():
    hosts = ("py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js", "/wo" + "rk/", "/ro" + "ot/")
    for path in (
        ROOT / "README.md",
        ROOT / "Makefile",
        ROOT / "pyproject.toml",
        *ROOT.glob("*.lock"),
        *(ROOT / "docs").glob("*.md"),
    ):
        text = path.read_text("utf-8")
        assert not any(host in text for host in hosts), path


def test_every_route_for_foreign_programs_is_written_down():
    pages = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("akismet.md", "coral.md"))
    app = create_app(build_tools(Settings(database_url="sqlite://")))
    rules = [r for r in app.url_map.iter_rules() if r.rule.startswith(("/1.1/", "/1.2/", "/coral/"))]
    assert len(rules) >= 12
    for rule in rules:
        for method in rule.methods & {"GET", "POST"}:
            assert f"{method} {rule.rule}" in pages, rule


def test_every_api_route_is_written_down():
    app = create_app(build_tools(Settings(database_url="sqlite://")))
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")]
    assert len(rules) >= 6
    for rule in rules:
        path = re.sub("<[^>]+>", "<id>", rule.rule)
        for method in rule.methods & {"GET", "POST", "PUT", "DELETE"}:
            assert f"{method} {path}" in API, rule


def columns_of_privacy(erasure=None):
    """The columns in the list of docs/privacy.md, or those of which an erasure is said to do this."""
    lines = [line.strip("| ").split(" | ") for line in PRIVACY.splitlines() if line.startswith("| `")]
    return [
        name
        for line in lines
        if erasure is None or line[-1] == erasure
        for name in re.findall(r"`(\w+\.\w+)`", line[0])
    ]


def test_every_column_that_could_hold_a_person_s_data_is_written_down():
    holding = {
        f"{table.name}.{column.name}"
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
        and column.name != "id"
        and not column.foreign_keys
        and not any(str(check.name).endswith(f"{column.name}_known") for check in table.constraints)
    }
    assert sorted(columns_of_privacy()) == sorted(holding)


def started(path):
    """The commands of ours that a unit file, the compose file or the Containerfile starts."""
    text = path.read_text("utf-8").replace("%i", "quick")
    commands = re.findall(r"^ExecStart=\S+ -m moderation (.+)$", text, re.MULTILINE)
    commands += [
        re.sub(r"[,\"]", " ", found)
        for found in re.findall(r"^ +command: \[((?:serve|worker).+)\]$", text, re.MULTILINE)
    ]
    return [command.split() for command in commands]


DEPLOYED = [
    (path.name, command) for path in sorted((ROOT / "docs" / "deploy").iterdir()) for command in started(path)
]


def test_units_and_containers_start_web_processes_and_both_kinds_of_workers():
    assert {(name, command[0]) for name, command in DEPLOYED} >= {
        ("moderation.service", "serve"),
        ("moderation-worker.service", "worker"),
        ("moderation-celery@.service", "worker"),
        ("compose.yaml", "serve"),
        ("compose.yaml", "worker"),
    }


@pytest.mark.parametrize(("name", "command"), DEPLOYED)
def test_what_a_unit_or_a_container_starts_is_a_command_with_such_options(name, command):
    first, *options = command
    found = typer.main.get_command(build_app()).commands[first]
    assert found.make_context(first, options).params


def test_every_setting_that_a_deployment_names_is_one():
    files = (ROOT / "docs" / "deploy").iterdir()
    named = {
        setting for path in files for setting in re.findall(r"MODERATION_([A-Z_]+)", path.read_text("utf-8"))
    }
    assert len(named) > 8
    assert {setting.lower() for setting in named} <= {*Settings.model_fields}


def test_deployment_names_no_file_that_is_not_there():
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    for name in re.findall(r"docs/deploy/([\w.@-]+\w)", text):
        assert (ROOT / "docs" / "deploy" / name).is_file(), name

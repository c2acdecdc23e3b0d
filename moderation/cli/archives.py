"""Archives of comments at the terminal: read in, looked over by the engine, written out."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from typer.core import TyperGroup

from moderation.cli.keeping import WHO, SiteName, open_tools
from moderation.services import connecting, exporting, importing, redeciding
from moderation.store.tables import Import

BROKEN = 1  # the exit status of an import that ended before its file did
_SHOWN = 20  # of the records left out; `moderation import report` prints them all


class _FileFirst(TyperGroup):
    """A group whose first command may be left out: what is no command of it is the file to import."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return the arguments with `run` before a file or an option of it."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


archives = typer.Typer(
    cls=_FileFirst,
    no_args_is_help=True,
    help="Comments of another system in: moderation import FILE --site S.",
)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(archives, name="import")
    app.command("export")(export)


@archives.command("run")
def run(
    file: Annotated[Path, typer.Argument(help="WordPress's WXR, Disqus's XML, Isso's database, JSON Lines.")],
    site_name: SiteName,
    wanted: Annotated[str, typer.Option("--format", help="wxr, disqus, isso, jsonl or auto.")] = "auto",
    source: Annotated[
        str, typer.Option(help="The archive's name, where several are imported into one site.")
    ] = "",
    address: Annotated[
        str, typer.Option(help="What stands before addresses that are paths, such as https://paper.example.")
    ] = "",
) -> None:
    """Read an archive in; cut off, the same command goes on. Exit status 1 where the file ends too early."""
    tools = open_tools()
    steps = importing.import_archive(
        tools,
        connecting.find_site(tools, site_name),
        file,
        WHO,
        wanted=wanted,
        source=source,
        address=address,
    )
    found = None
    with _progress("Importing") as told:
        for found in steps:
            told(found.read, found.size, f"{found.done:,} records")
    assert found is not None
    _show(found)
    for number, row in enumerate(importing.skipped_records(tools, found.id)):
        if number == _SHOWN:
            print(f"... and more: moderation import report {found.id}")
            break
        print(row.place, row.foreign_id or "-", importing.sentence_for(row.reason), sep="\t")
    if found.state == "broken":
        raise typer.Exit(BROKEN)


@archives.command("list")
def show_imports(
    site_name: Annotated[str, typer.Option("--site", help="The site's short name; all if left out.")] = "",
) -> None:
    """Print the latest imports."""
    tools = open_tools()
    site_id = connecting.find_site(tools, site_name).id if site_name else None
    with tools.database.read() as store:
        for found in store.imports.latest(site_id):
            share = f"{found.read / max(1, found.size):.0%}"
            imported = f"{found.report.get('imported', '-')} comments"
            print(
                found.id,
                f"{found.started_at:%Y-%m-%d %H:%M}",
                found.source,
                found.state,
                share,
                imported,
                sep="\t",
            )


@archives.command("report")
def report(
    import_id: str, as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False
) -> None:
    """Print what an import brought and every record that it left out, with the reason."""
    tools = open_tools()
    found = importing.find_import(tools, import_id)
    rows = importing.skipped_records(tools, import_id)
    if as_json:
        left_out = [{"place": row.place, "id": row.foreign_id, "reason": row.reason} for row in rows]
        print(json.dumps(importing.report_of(found) | {"left_out": left_out}, ensure_ascii=False, indent=2))
        return
    _show(found)
    for row in rows:
        print(row.place, row.foreign_id or "-", importing.sentence_for(row.reason), sep="\t")


@archives.command("decide")
def decide(
    import_id: str,
    apply: Annotated[
        bool, typer.Option("--apply", help="Hold for a moderator what the engine would hold or reject.")
    ] = False,
) -> None:
    """Run the engine over an import's comments and print what it would do; cut off, the same command goes on."""
    tools = open_tools()
    total = importing.find_import(tools, import_id).report.get("imported", 0)
    found = None
    with _progress("Deciding") as told:
        for found in redeciding.redecide_imported(tools, import_id, WHO, apply=apply):
            told(found.decided["done"], total, f"{found.decided['done']:,} comments")
    assert found is not None
    said = found.decided
    for change, number in sorted(said["verdicts"].items()):
        print(change.replace(">", " -> "), number, sep="\t")
    for clause, number in sorted(said["clauses"].items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"clause {clause or '-'}", number, sep="\t")
    if apply:
        print(f"{said['held']} held for a moderator, {said['left']} left: somebody was quicker.")
    else:
        print("Nothing was changed. With --apply what is to be held or rejected waits for a moderator.")


def export(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet.")],
    site_name: SiteName,
    wanted: Annotated[
        str, typer.Option("--format", help="jsonl (loses nothing), wxr, disqus or isso.")
    ] = "jsonl",
    addresses: Annotated[
        bool,
        typer.Option("--addresses/--no-addresses", help="Whether e-mail addresses go with the comments."),
    ] = True,
) -> None:
    """Write all comments of a site to a file, for another system or to keep."""
    tools = open_tools()
    site = connecting.find_site(tools, site_name)
    total = exporting.count_comments(tools, site)
    with _progress("Exporting") as told:
        written = exporting.export_site(
            tools,
            site,
            file,
            wanted,
            WHO,
            addresses=addresses,
            told=lambda number: told(number, total, f"{number:,} comments"),
        )
    print(f"{written} comments of {site.slug} are in {file}.")


class _Told(Protocol):
    def __call__(self, done: int, total: int, said: str) -> None: ...


@contextmanager
def _progress(what: str) -> Iterator[_Told]:
    """Give what to tell of progress: a bar on a terminal, else a line at every tenth."""
    if not sys.stderr.isatty():
        last = 0

        def line(done: int, total: int, said: str) -> None:
            nonlocal last
            tenth = 10 * done // max(1, total)
            if tenth > last:
                last = tenth
                print(f"{what}: {tenth * 10} %, {said}", file=sys.stderr, flush=True)

        yield line
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None, said="")
        yield lambda done, total, said: bar.update(task, completed=done, total=total, said=said)


def _show(found: Import) -> None:
    told = found.report
    print(f"Import {found.id}: {found.name} ({found.format}) as {found.source}")
    if found.state == "running":
        print(f"cut off after {found.done} records; import the file again, and it goes on")
        return
    print("records", told["records"], sep="\t")
    print("imported", told["imported"], sep="\t")
    for state, number in sorted(told["states"].items()):
        print(f"  {state}", number, sep="\t")
    print("here already", told["known"], sep="\t")
    print("left out", sum(told["skipped"].values()), sep="\t")
    for reason, number in sorted(told["skipped"].items()):
        print(f"  {reason}", number, importing.sentence_for(reason), sep="\t")
    print("answers whose comment is in no archive", told["orphans"], sep="\t")
    print("without a date", told["undated"], sep="\t")
    print("articles", told["articles"], sep="\t")
    print("authors", told["authors"], sep="\t")
    if found.broke:
        print(f"The file breaks at {found.broke}. What stands before is imported.")

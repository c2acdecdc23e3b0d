"""Commands for the block list: add, lift, list, check, export, import."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from moderation.cli.keeping import WHO, Clause, Note, SiteName, open_tools
from moderation.errors import InvalidInput
from moderation.services import connecting, listing, networks, penalising
from moderation.store.penalties import Which

block = typer.Typer(no_args_is_help=True, help="The block list.")

Days = Annotated[int | None, typer.Option(help="How long; until lifted if left out.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(block, name="block")


@block.command("add")
def block_add(
    subject: Annotated[str, typer.Argument(help="An author's id, @domain, or a network address.")],
    clause: Clause = None,
    days: Days = None,
    note: Note = "",
) -> None:
    """Block an author, everybody with an address at a domain, or a network address."""
    if subject.startswith("@"):
        given = penalising.block_domain(open_tools(), subject, WHO, clause, days, note)
    elif networks.network_of(subject):
        given = penalising.block_address(open_tools(), subject, WHO, clause, days, note)
    else:
        given = penalising.block_author(open_tools(), subject, WHO, clause, days, note)
    print(given.id)


@block.command("lift")
def block_lift(block_id: str, note: Note = "") -> None:
    """Lift a block now."""
    print(penalising.lift_block(open_tools(), block_id, WHO, note).id)


@block.command("list")
def block_list(everything: Annotated[bool, typer.Option("--all", help="Also what is over.")] = False) -> None:
    """Print the block list: id, penalty, subject, clause, by whom, from, until, evidence."""
    tools = open_tools()
    after: str | None = None
    while True:
        with tools.database.read() as store:
            page = store.penalties.page(
                now=tools.now(), which=Which(in_force=None if everything else True), after=after
            )
        for entry in page.items:
            until = entry.ends_at.isoformat() if entry.ends_at else "until lifted"
            print(
                entry.id,
                entry.penalty,
                f"{entry.subject_kind}:{entry.subject}",
                entry.clause or "-",
                entry.given_by,
                entry.starts_at.isoformat(),
                until,
                ",".join(entry.comment_ids) or "-",
                sep="\t",
            )
        after = page.next
        if after is None:
            return


@block.command("check")
def block_check(
    author: Annotated[str | None, typer.Option(help="An author's id.")] = None,
    external_id: Annotated[str | None, typer.Option(help="The site's own id of an author.")] = None,
    email: Annotated[str | None, typer.Option(help="An e-mail address.")] = None,
    address: Annotated[str | None, typer.Option(help="A network address.")] = None,
    site_name: SiteName = "asbarez",
) -> None:
    """Say whether somebody is blocked, why and until when; the exit code is 1 for whoever is."""
    tools = open_tools()
    answer = listing.is_blocked(
        tools,
        site_id=connecting.find_site(tools, site_name).id,
        author_id=author,
        external_id=external_id,
        email=email,
        address=address,
    )
    print(answer.sentence or "Not blocked.")
    if answer.block is not None:
        print(answer.block.id)
        raise typer.Exit(1)


@block.command("export")
def block_export(
    form: Annotated[str, typer.Option("--format", help="csv or json")] = "csv",
    everything: Annotated[bool, typer.Option("--all", help="Also what is over.")] = False,
    site_name: SiteName = "asbarez",
) -> None:
    """Print the block list as CSV, safe to open in a spreadsheet, or as JSON."""
    if form not in ("csv", "json"):
        raise InvalidInput("The list could not be written.", {"format": ["csv or json."]})
    tools = open_tools()
    site_id = connecting.find_site(tools, site_name).id
    rows = listing.entries(tools, Which(site_id=site_id, in_force=None if everything else True))
    sys.stdout.write(listing.as_csv(rows) if form == "csv" else listing.as_json(rows))


@block.command("import")
def block_import(
    file: Annotated[Path, typer.Argument(help="CSV or JSON, as exported.")], site_name: SiteName = "asbarez"
) -> None:
    """Add the entries of a file: all, or none and what is wrong in which line."""
    tools = open_tools()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InvalidInput(
            "The file could not be read.", {"file": [f"{file} cannot be read. Name another."]}
        ) from error
    site_id = connecting.find_site(tools, site_name).id
    done = listing.import_blocks(tools, data, WHO, site_id=site_id)
    print(f"{done.added} added, {done.unchanged} were in the list already or are past.")

"""Commands for whoever keeps a discussion: sites and keys, articles, comments, accounts, persons."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from moderation.bootstrap.tools import build_tools, reload_policy
from moderation.errors import InvalidInput, NotFound
from moderation.services import (
    Tools,
    admitting,
    backing_up,
    connecting,
    curating,
    publishing,
    remembering,
    reviewing,
    second_factor,
    signing_on,
)
from moderation.services.permissions import ROLES
from moderation.services.publishing import ArticleFields
from moderation.settings import read_settings
from moderation.store.tables import ApiKey, Article, Moderator

user = typer.Typer(no_args_is_help=True, help="Accounts of the desk.")
site = typer.Typer(no_args_is_help=True, help="Sites, their API keys, secrets and endpoints.")
article = typer.Typer(no_args_is_help=True, help="Articles, for papers without a CMS.")
comment = typer.Typer(no_args_is_help=True, help="Comments, as a moderator at the desk.")
author = typer.Typer(no_args_is_help=True, help="Persons who comment.")

WHO = "cli"  # the actor in the audit log

SiteName = Annotated[str, typer.Option("--site", help="The site's short name.")]
Clause = Annotated[str | None, typer.Option(help="The clause that was broken.")]
Note = Annotated[str, typer.Option(help="A note for colleagues.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for name, part in {
        "user": user,
        "site": site,
        "article": article,
        "comment": comment,
        "author": author,
    }.items():
        app.add_typer(part, name=name)


def open_tools() -> Tools:
    """Return the tools of this machine's settings, over a database brought up to date, with the policy in force."""
    tools = build_tools(read_settings())
    tools.database.upgrade()
    reload_policy(tools)
    return tools


@user.command("invite")
def user_invite(email: str, role: Annotated[str, typer.Option(help=", ".join(ROLES))] = "moderator") -> None:
    """Print a one-time link that opens an account."""
    tools = open_tools()
    print(f"{tools.settings.base_url}/desk/welcome/{admitting.invite(tools, email, role, WHO)}")


@user.command("reset")
def user_reset(email: str) -> None:
    """Print a one-time link that sets a new password."""
    tools = open_tools()
    print(f"{tools.settings.base_url}/desk/welcome/{admitting.request_reset(tools, email)}")


@user.command("deactivate")
def user_deactivate(email: str) -> None:
    """Close an account."""
    tools = open_tools()
    admitting.deactivate(tools, _account(tools, email).id, WHO)


@user.command("role")
def user_role(email: str, role: str) -> None:
    """Give an account another role."""
    tools = open_tools()
    admitting.set_role(tools, _account(tools, email).id, role, WHO)


@user.command("reset-second-factor")
def user_reset_second_factor(email: str) -> None:
    """Turn off the second factor of an account whose phone and recovery codes are lost."""
    tools = open_tools()
    second_factor.reset(tools, _account(tools, email).id, WHO)


@user.command("list")
def user_list() -> None:
    """Print the accounts."""
    with open_tools().database.read() as store:
        for moderator in store.moderators.all():
            state = "closed" if moderator.deactivated_at else "open"
            print(moderator.email, moderator.name, moderator.role, state, sep="\t")


def _account(tools: Tools, email: str) -> Moderator:
    with tools.database.read() as store:
        found = store.moderators.get_by_email(email)
    if found is None:
        raise NotFound("There is no such account. `moderation user list` names them.")
    return found


@site.command("add")
def site_add(
    slug: str,
    name: Annotated[str, typer.Option(help="Name shown to readers.")],
    origin: Annotated[list[str] | None, typer.Option(help="An origin of the site's pages.")] = None,
) -> None:
    """Set up a site and print the secret with which it signs its webhooks."""
    print(connecting.add_site(open_tools(), slug, name, WHO, origin or ()).inbound_secrets[0])


@site.command("change")
def site_change(
    slug: str,
    origin: Annotated[
        list[str] | None, typer.Option(help="An origin of its pages; those given replace those there were.")
    ] = None,
    closes_after: Annotated[
        int | None, typer.Option(help="Days after which discussions close by themselves; 0: never.")
    ] = None,
    set_up: Annotated[
        bool | None,
        typer.Option("--set-up/--no-set-up", help="Let a first comment set up an article not known yet."),
    ] = None,
) -> None:
    """Change where the embed may stand and what holds for all discussions; print what holds."""
    tools = open_tools()
    found = connecting.change_site(
        tools,
        connecting.find_site(tools, slug).id,
        WHO,
        origins=origin or None,
        closes_after_days=closes_after,
        sets_up_articles=set_up,
    )
    print("origins", ",".join(found.origins) or "none", sep="\t")
    print("closes after", f"{found.closes_after_days} days" if found.closes_after_days else "never", sep="\t")
    print("sets up articles", "yes" if found.sets_up_articles else "no", sep="\t")


@site.command("list")
def site_list() -> None:
    """Print the sites with their addresses for webhooks."""
    tools = open_tools()
    with tools.database.read() as store:
        for found in store.sites.all():
            print(
                found.slug,
                found.name,
                f"{tools.settings.base_url}/hooks/standard-webhooks/{found.slug}",
                sep="\t",
            )


@site.command("secrets")
def site_secrets(
    slug: str,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Add a new one; the two latest are accepted.")
    ] = False,
) -> None:
    """Print the secrets that webhooks from the site may be signed with."""
    tools = open_tools()
    found = connecting.find_site(tools, slug)
    if rotate:
        found = connecting.rotate_secret(tools, found.id, WHO)
    print("\n".join(found.inbound_secrets))


@site.command("coral")
def site_coral(slug: str) -> None:
    """Take the signing secret that the site's Coral shows, from standard input; the two latest are accepted."""
    tools = open_tools()
    found = connecting.find_site(tools, slug)
    connecting.take_coral_secret(tools, found.id, sys.stdin.read(1_000), WHO)
    print(f"{tools.settings.base_url}/coral/phase/{found.slug}")


@site.command("hook-secret")
def site_hook_secret(
    slug: str,
    protocol: Annotated[str, typer.Argument(help="ghost, contentful or hub-signature")],
    take: Annotated[
        bool, typer.Option("--take", help="Take the sender's secret from standard input; made if left out.")
    ] = False,
) -> None:
    """Set the secret with which another system of the site signs its webhooks; the two latest are accepted."""
    tools = open_tools()
    found = connecting.find_site(tools, slug)
    given = sys.stdin.read(1_000) if take else ""
    secret = connecting.set_sender_secret(tools, found.id, protocol, WHO, given)
    print(f"{tools.settings.base_url}/hooks/{protocol}/{found.slug}", "taken" if take else secret, sep="\t")


@site.command("key")
def site_key(
    slug: str,
    name: Annotated[str, typer.Option(help="What it is used for.")] = "api",
    akismet: Annotated[
        bool,
        typer.Option("--akismet", help="Twelve digits, as Akismet's clients want them, for its API alone."),
    ] = False,
    scope: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(connecting.KEY_SCOPES)}; everything if left out.")
    ] = None,
) -> None:
    """Print a new API key; it is not kept and never shown again."""
    tools = open_tools()
    site_id = connecting.find_site(tools, slug).id
    print(connecting.make_key(tools, site_id, name, WHO, akismet=akismet, scopes=scope or ()))


@site.command("keys")
def site_keys(
    slug: str,
    revoke: Annotated[str | None, typer.Option(help="Id of a key to revoke.")] = None,
    rotate: Annotated[
        str | None, typer.Option(help="Id of a key that another takes the place of; the new one is printed.")
    ] = None,
    overlap: Annotated[
        int, typer.Option(min=0, max=connecting.LONGEST_OVERLAP, help="Hours the rotated key works on.")
    ] = 24,
) -> None:
    """Print the API keys of a site with their last use; or revoke or rotate one."""
    tools = open_tools()
    found = connecting.find_site(tools, slug)
    if rotate:
        print(connecting.rotate_key(tools, found.id, rotate, WHO, overlap))
        return
    if revoke:
        connecting.revoke_key(tools, found.id, revoke, WHO)
    with tools.database.read() as store:
        for key in store.sites.keys(found.id):
            used = f"used {key.last_used_at:%Y-%m-%dT%H:%MZ}" if key.last_used_at else "never used"
            scopes = ",".join(key.scopes) or "everything"
            print(key.id, key.prefix, key.name, scopes, used, _state_of(key, tools.now()), sep="\t")


def _state_of(key: ApiKey, now: datetime) -> str:
    if key.revoked_at:
        return "revoked"
    if key.ends_at is None:
        return "in force"
    return "ended" if key.ends_at <= now else f"ends {key.ends_at:%Y-%m-%dT%H:%MZ}"


@site.command("sign-on")
def site_sign_on(
    slug: str,
    kid: Annotated[str, typer.Option(help="The key's name, as the header of a token says it.")],
    public_key: Annotated[
        Path | None, typer.Option(help="RS256 with this public key (PEM); HS256 with a secret if left out.")
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help="A file with the secret, as Coral has it; made if left out.")
    ] = None,
    issuer: Annotated[str, typer.Option(help="The iss that tokens must have; any if left out.")] = "",
    staff: Annotated[
        bool, typer.Option("--staff", help="Its tokens may say who is staff (a badge).")
    ] = False,
) -> None:
    """Set a key with which a site signs who its readers are, and print the secret of HS256."""
    tools = open_tools()
    file = public_key or secret_file
    key = signing_on.set_key(
        tools,
        connecting.find_site(tools, slug).id,
        kid,
        WHO,
        algorithm="RS256" if public_key else "HS256",
        secret=_text_of(file) if file else "",
        issuer=issuer,
        names_staff=staff,
    )
    print(key.kid if public_key else key.secret)


@site.command("sign-on-keys")
def site_sign_on_keys(
    slug: str, revoke: Annotated[str | None, typer.Option(help="The kid of a key to revoke.")] = None
) -> None:
    """Print the sign-on keys of a site, without their secrets, or revoke one."""
    tools = open_tools()
    found = connecting.find_site(tools, slug)
    if revoke:
        signing_on.revoke_key(tools, found.id, revoke, WHO)
    with tools.database.read() as store:
        for key in store.readers.keys(found.id):
            says = "names staff" if key.names_staff else "readers only"
            state = "revoked" if key.revoked_at else "in force"
            print(key.kid, key.algorithm, key.issuer or "any issuer", says, state, sep="\t")


@site.command("confirm")
def site_confirm(
    slug: str,
    wished: Annotated[
        bool, typer.Option("--on/--off", help="Whether guests confirm their address once.")
    ] = True,
) -> None:
    """Hold guests' comments until their address is confirmed by a link, or hold them no more."""
    tools = open_tools()
    connecting.set_confirmation(tools, connecting.find_site(tools, slug).id, wished, WHO)


@site.command("endpoint")
def site_endpoint(
    slug: str,
    url: str,
    secret: Annotated[str, typer.Option(help="whsec_...; made if left out.")] = "",
    event: Annotated[list[str] | None, typer.Option(help="An event wanted; all if left out.")] = None,
) -> None:
    """Send events to an address and print the secret that signs them."""
    tools = open_tools()
    site_id = connecting.find_site(tools, slug).id
    print(connecting.add_endpoint(tools, site_id, url, WHO, secret, event or ()).secret)


@site.command("endpoints")
def site_endpoints(
    slug: str,
    enable: Annotated[str | None, typer.Option(help="Id of an endpoint to use again.")] = None,
    rotate: Annotated[
        str | None, typer.Option(help="Id of an endpoint to sign with a new secret, which is printed.")
    ] = None,
) -> None:
    """Print where events go, use a disabled endpoint again, or change the secret of one."""
    tools = open_tools()
    found = connecting.find_site(tools, slug)
    if rotate:
        print(connecting.rotate_endpoint_secret(tools, found.id, rotate, WHO))
        return
    if enable:
        connecting.enable_endpoint(tools, found.id, enable, WHO)
    with tools.database.read() as store:
        for endpoint in store.sites.endpoints(found.id):
            print(
                endpoint.id,
                endpoint.url,
                ",".join(endpoint.events) or "all",
                endpoint.disabled_because or "in use",
                sep="\t",
            )


@article.command("save")
def article_save(
    title: Annotated[str | None, typer.Option()] = None,
    slug: Annotated[str | None, typer.Option(help="Name in the address; finds an article to change.")] = None,
    source: Annotated[str | None, typer.Option()] = None,
    byline: Annotated[str | None, typer.Option()] = None,
    url: Annotated[str | None, typer.Option()] = None,
    summary: Annotated[Path | None, typer.Option(help="A file with the text shown.")] = None,
    person: Annotated[list[str] | None, typer.Option(help="A person the article is about.")] = None,
    published: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    discussion: Annotated[str | None, typer.Option(help="open, held-first or closed")] = None,
    closes_after: Annotated[
        str | None,
        typer.Option(help="Days after which it closes by itself; 0: never; site: as the site says."),
    ] = None,
    site_name: SiteName = "asbarez",
) -> None:
    """Write an article, or change the one with this slug; what is left out stays."""
    tools = open_tools()
    found = connecting.find_site(tools, site_name)
    with tools.database.read() as store:
        known = store.articles.get_by_slug(found.id, slug) if slug else None
    given = ArticleFields(
        title=title,
        slug=slug,
        source=source,
        byline=byline,
        url=url,
        summary=_text_of(summary) if summary else None,
        people=tuple(person) if person else None,
        published_at=published.replace(tzinfo=UTC) if published else None,
        discussion=discussion,
        closes_after_days=publishing.days_of(closes_after) if closes_after is not None else None,
    )
    saved = publishing.save_article(tools, found.id, given, article_id=known.id if known else None, actor=WHO)
    print(f"{tools.settings.base_url}/articles/{saved.slug}")


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(
            "The file could not be read.", {path.name: [f"{path} is no text file in UTF-8. Name one."]}
        ) from None


@article.command("open")
def article_open(
    slug: str,
    held_first: Annotated[
        bool, typer.Option("--held-first", help="A moderator reads each comment first.")
    ] = False,
    site_name: SiteName = "asbarez",
) -> None:
    """Open the discussion of an article."""
    _set_discussion(slug, site_name, "held-first" if held_first else "open")


@article.command("close")
def article_close(slug: str, site_name: SiteName = "asbarez") -> None:
    """Close the discussion of an article."""
    _set_discussion(slug, site_name, "closed")


def _set_discussion(slug: str, site_name: str, discussion: str) -> None:
    tools = open_tools()
    found = _find_article(tools, slug, site_name)
    print(publishing.set_discussion(tools, found.id, discussion, WHO).discussion)


def _find_article(tools: Tools, slug: str, site_name: str) -> Article:
    found = connecting.find_site(tools, site_name)
    with tools.database.read() as store:
        known = store.articles.get_by_slug(found.id, slug)
    if known is None:
        raise NotFound("There is no such article.")
    return known


@comment.command("review")
def comment_review(
    comment_id: str,
    action: Annotated[str, typer.Argument(help="approve, reject, remove or restore")],
    clause: Clause = None,
    note: Note = "",
) -> None:
    """Do what a moderator at the desk may do with a comment."""
    tools = open_tools()
    with tools.database.read() as store:
        found = store.comments.get(comment_id)
    if found is None:
        raise NotFound("There is no such comment.")
    operator = Moderator(id=WHO, email="", name="", role="administrator", created_at=tools.now())
    print(reviewing.review(tools, comment_id, action, operator, found.version, clause, note).status)


@author.command("role")
def author_role(
    author_id: str, role: Annotated[str, typer.Argument(help="reader, trusted or staff")]
) -> None:
    """Give an author another role: staff carries a badge, and neither staff nor trusted are held as first-time."""
    print(curating.set_role(open_tools(), author_id, role, WHO).role)


@author.command("erase")
def author_erase(
    author_id: str, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Erase a person: name, address and every word; it cannot be undone."""
    if not yes and not typer.confirm("Erase this person for good?"):
        sys.exit(1)
    done = remembering.erase_author(open_tools(), author_id, WHO)
    print(f"Erased: {len(done.comment_ids)} comments, {done.deliveries} deliveries.")


@author.command("erased")
def author_erased() -> None:
    """Print the ids of all who were erased, with the time: keep the list beside backups, for `db restore --erased`."""
    for author_id, at in backing_up.erased_persons(open_tools()):
        print(author_id, at.isoformat(), sep="\t")


@author.command("export")
def author_export(author_id: str) -> None:
    """Print all that is kept of a person as JSON, as the person gets it under My comments."""
    print(json.dumps(remembering.export_author(open_tools(), author_id, WHO), ensure_ascii=False, indent=2))

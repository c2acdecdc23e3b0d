"""The first site, its article and its policy, from `seeds/`; doing it twice changes nothing."""

import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path

from moderation.errors import Misconfigured
from moderation.protocols.standard_webhooks import new_secret
from moderation.services import Tools
from moderation.services.publishing import ArticleFields, save_article
from moderation.store.tables import Article, Site


def seed(tools: Tools) -> Article:
    """Return the seeded article, made with its site where they are not there yet."""
    meta, summary = read_seed(tools.settings.seeds_dir / "article.md")
    now = tools.now()
    with tools.database.begin() as store:
        site = store.sites.get_by_slug("asbarez")
        if site is None:
            site = store.sites.add(
                Site(slug="asbarez", name="Asbarez", created_at=now, inbound_secrets=[new_secret()])
            )
        article = store.articles.get_by_slug(site.id, str(meta["slug"]))
        store.policies.remember(tools.engine.policy.version, tools.engine.policy.source, now)
    if article is not None:
        return article
    day = meta["date"]
    if not isinstance(day, date):
        raise Misconfigured("seeds/article.md: date must be a TOML date such as 2020-12-17.")
    return save_article(
        tools,
        site.id,
        ArticleFields(
            title=str(meta["title"]),
            slug=str(meta["slug"]),
            source=str(meta["source"]),
            byline=str(meta.get("byline", "")),
            summary=summary,
            people=tuple(meta.get("people", ())),  # type: ignore[arg-type]
            language=str(meta.get("language", "en")),
            published_at=datetime.combine(day, time(12), UTC),
        ),
        actor="cli",
    )


def read_seed(path: Path) -> tuple[dict[str, object], str]:
    """Return the TOML front matter between `+++` lines and the text below it."""
    try:
        _, front, text = path.read_text("utf-8").split("+++\n", 2)
        return tomllib.loads(front), text.strip()
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"{path}: needs TOML between two lines of +++ and a text below ({error})."
        ) from error

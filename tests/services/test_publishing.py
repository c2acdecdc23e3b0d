"""Articles written, changed, opened and closed, by a CMS or by hand."""

import pytest

from moderation.errors import Conflict, InvalidInput, NotFound
from moderation.services.publishing import ArticleFields, save_article, set_discussion
from moderation.store.tables import Article, AuditEvent
from tests.builders import a_site, an_article, stored
from tests.workbench import everything, rows


def save(tools, newsroom, **given) -> Article:
    keys = {name: given.pop(name) for name in ("external_id", "article_id") if name in given}
    return save_article(tools, newsroom.site.id, ArticleFields(**given), actor="cli", **keys)


def test_a_new_article_is_open_under_a_name_made_of_its_headline(tools, newsroom, clock):
    article = save(tools, newsroom, title="Éa! Talks, and *more* talks", people=("Ilham Aliyev",))
    assert (article.slug, article.discussion, article.published_at) == (
        "ea-talks-and-more-talks",
        "open",
        clock(),
    )
    assert save(tools, newsroom, title="Ea talks and more talks").slug == "ea-talks-and-more-talks-2"
    assert save(tools, newsroom, title="Խաղաղութիւն").slug == "article"
    assert rows(tools.database, AuditEvent)[0].action == "article.created"


def test_what_is_not_said_of_an_article_stays_as_it_was(tools, newsroom, clock):
    first = save(tools, newsroom, title="A vote", external_id="post-2", summary="On Tuesday.", byline="Jo")
    clock.advance(hours=1)
    second = save(tools, newsroom, title="The vote", external_id="post-2", byline="")
    assert (second.id, second.title, second.summary, second.byline) == (
        first.id,
        "The vote",
        "On Tuesday.",
        "",
    )
    assert (second.slug, second.published_at, second.updated_at) == (first.slug, first.published_at, clock())
    assert rows(tools.database, AuditEvent)[-1].action == "article.changed"


def test_a_discussion_is_closed_opened_and_held_first_each_time_recorded(tools, newsroom, clock):
    closed = set_discussion(tools, newsroom.article.id, "closed", "cli")
    assert (closed.discussion, closed.closed_at) == ("closed", clock())
    assert set_discussion(tools, newsroom.article.id, "held-first", "cli").closed_at is None
    assert save(tools, newsroom, article_id=newsroom.article.id, discussion="open").discussion == "open"
    assert [event.detail for event in rows(tools.database, AuditEvent)] == [
        {"before": "open", "after": "closed"},
        {"before": "closed", "after": "held-first"},
        {"discussion": "open"},
    ]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("title", {"title": None}),
        ("title", {"title": " "}),
        ("title", {"title": "x" * 501}),
        ("title", {"title": "a\0b"}),
        ("title", {"title": "half \ud800"}),
        ("slug", {"slug": "Not A Slug"}),
        ("slug", {"slug": "a--b"}),
        ("slug", {"slug": ""}),
        ("url", {"url": "javascript:alert(1)"}),
        ("url", {"url": "https://a b"}),
        ("summary", {"summary": "x" * 20_001}),
        ("text", {"text": "a\x1bb"}),
        ("people", {"people": ("x" * 201,)}),
        ("people", {"people": ("x",) * 201}),
        ("people", {"people": ("a\0b",)}),
        ("discussion", {"discussion": "ajar"}),
    ],
)
def test_an_article_with_a_wrong_field_is_not_saved(tools, newsroom, field, given):
    before = everything(tools.database)
    with pytest.raises(InvalidInput) as refusal:
        save(tools, newsroom, **{"title": "A vote"} | given)
    assert [*refusal.value.fields] == [field]
    assert everything(tools.database) == before


def test_a_headline_is_not_taken_away(tools, newsroom):
    with pytest.raises(InvalidInput):
        save(tools, newsroom, article_id=newsroom.article.id, title=" ")


def test_two_articles_of_a_site_do_not_share_an_address(tools, newsroom):
    before = everything(tools.database)
    with pytest.raises(Conflict):
        save(tools, newsroom, title="Another", slug="karabakh")
    assert everything(tools.database) == before
    assert save(tools, newsroom, article_id=newsroom.article.id, slug="karabakh").slug == "karabakh"


def test_an_article_of_another_site_or_none_cannot_be_changed(tools, newsroom):
    other = a_site()
    theirs = an_article(other)
    with tools.database.begin() as store:
        stored(store, other, theirs)
    for article_id in (theirs.id, "nowhere"):
        with pytest.raises(NotFound):
            save(tools, newsroom, article_id=article_id, title="Mine now")
    with pytest.raises(NotFound):
        set_discussion(tools, "nowhere", "closed", "cli")
    with pytest.raises(InvalidInput):
        set_discussion(tools, newsroom.article.id, "ajar", "cli")

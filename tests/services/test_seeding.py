"""The first site and its article, from the files the service brings."""

import pytest

from moderation.errors import Misconfigured
from moderation.services.seeding import read_seed, seed
from moderation.store.tables import Article, PolicyVersion, Site
from tests.workbench import everything, rows


def test_the_article_is_there_with_headline_source_date_summary_and_people(tools):
    seed(tools)
    (site,), (article,), (policy,) = (rows(tools.database, table) for table in (Site, Article, PolicyVersion))
    assert (site.slug, len(site.inbound_secrets)) == ("asbarez", 1)
    assert article.title.startswith("Putin Says Karabakh is Azerbaijan")
    assert (article.source, f"{article.published_at:%Y-%m-%d}", article.discussion) == (
        "Asbarez",
        "2020-12-17",
        "open",
    )
    assert len(article.summary) > 200
    assert "Nikol Pashinyan" in article.people
    assert policy.version == tools.engine.policy.version


def test_doing_it_twice_is_doing_it_once(tools, clock):
    first = seed(tools)
    before = everything(tools.database)
    clock.advance(days=1)
    assert seed(tools).id == first.id
    assert everything(tools.database) == before


@pytest.mark.parametrize("text", [None, "no front matter", '+++\nslug = "a\n+++\nText.'])
def test_a_seed_that_cannot_be_read_names_the_file(tmp_path, text):
    path = tmp_path / "article.md"
    if text:
        path.write_text(text)
    with pytest.raises(Misconfigured, match=r"article\.md"):
        read_seed(path)

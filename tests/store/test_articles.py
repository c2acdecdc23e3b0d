from datetime import timedelta

import pytest

from moderation.errors import InvalidInput
from tests.builders import a_discussion, a_site, an_article, stored


def test_an_article_is_found_by_each_of_its_names(database):
    site, other = a_site(), a_site()
    article = an_article(site, slug="budget", external_id="cms-1", people=["Nikol P."])
    with database.begin() as store:
        stored(store, site, other, article)
    with database.read() as store:
        assert store.articles.get(article.id).people == ["Nikol P."]
        assert store.articles.get_by_slug(site.id, "budget").id == article.id
        assert store.articles.get_by_external_id(site.id, "cms-1").id == article.id
        assert store.articles.get_by_slug(other.id, "budget") is None


def test_a_changed_article_is_stored(database):
    with database.begin() as store:
        article = a_discussion(store).article
    article.discussion, article.people = "closed", ["A", "B"]
    with database.begin() as store:
        store.articles.update(article)
    with database.read() as store:
        found = store.articles.get(article.id)
    assert (found.discussion, found.people) == ("closed", ["A", "B"])


def test_articles_are_listed_newest_first_page_by_page(database, now):
    site = a_site()
    articles = [an_article(site, published_at=now + timedelta(minutes=n // 2)) for n in range(5)]
    with database.begin() as store:
        stored(store, site, *articles)
    seen, after = [], None
    with database.read() as store:
        for _ in range(3):
            page = store.articles.page(site_id=site.id, after=after, limit=2)
            seen += [article.id for article in page.items]
            after = page.next
    assert seen == [article.id for article in reversed(articles)]
    assert after is None


def test_a_withdrawn_article_is_listed_only_if_asked_for(database, now):
    site = a_site()
    with database.begin() as store:
        stored(store, site, an_article(site, deleted_at=now))
        assert store.articles.page().items == []
        assert len(store.articles.page(deleted=True).items) == 1


@pytest.mark.parametrize("after", ["", "x", "12", "zz-1", "12-", "-1", "1-a b", f"{10**30:x}-a", "12-a'b"])
def test_a_place_that_is_none_is_refused(database, after):
    with database.read() as store, pytest.raises(InvalidInput):
        store.articles.page(after=after)

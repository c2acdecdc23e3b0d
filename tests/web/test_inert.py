"""What people typed is shown and does nothing, in whatever field it stands and whoever looks."""

import pytest

from moderation.services import admitting
from tests.builders import (
    Discussion,
    a_block,
    a_decision,
    a_delivery,
    a_moderator,
    a_site,
    a_stored_comment,
    a_strike,
    an_article,
    an_author,
    an_endpoint,
    stored,
)
from tests.web.conftest import CLEAN, PASSWORD

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{ 7919 * 7907 }}{% raw %}",
    "javascript:alert(1)//",
    '<!--<img src="--><img src=x onerror=alert(1)//">',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "\u202e\u2066abc\u2028\u0085",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_are_inert_in_every_field(app, tools, hostile):
    """They are put straight into the store, as an import would, past every check of what comes in."""
    site = a_site(slug="paper", name=hostile)
    article = an_article(
        site,
        slug="story",
        title=hostile,
        source=hostile,
        byline=hostile,
        url=hostile,
        summary=hostile,
        text=hostile,
        people=[hostile],
        language=hostile,
        external_id=hostile,
    )
    author = an_author(site, name=hostile, email=hostile, external_id=hostile)
    endpoint = an_endpoint(site, url=hostile)
    mo = a_moderator(name=hostile, email=hostile)
    with tools.database.begin() as store:
        stored(store, site, article, author, endpoint, mo)
        discussion = Discussion(site, article, author)

        def a_hostile(**changes):
            reason = {
                "clause": hostile,
                "sentence": hostile,
                "score": 0.9,
                "target": hostile,
                "matched_as": hostile,
                "spans": [[0, 5], [3, 9]],
            }
            decision = a_decision(
                clause=hostile,
                made_by=mo.id,
                note=hostile,
                verdict="hold",
                model_versions={hostile: hostile},
                policy_version=hostile,
                engine_version=hostile,
                public={
                    "verdict": "hold",
                    "clause": hostile,
                    "reasons": [reason],
                    "scores": {},
                    "policy_version": "",
                    "model_versions": {},
                },
                signals=[reason | {"detector": hostile, "note": hostile, "failed": True}],
            )
            return a_stored_comment(
                store, discussion, **{"body": hostile, "language": hostile, "decision": decision} | changes
            )

        top = a_hostile(state="published")
        reply = a_hostile(state="published", parent_id=top.id)
        a_hostile(state="published", parent_id=reply.id)
        held = a_hostile(state="held", parent_id=top.id, source=hostile)
        block = a_block(author, clause=hostile, note=hostile, given_by=hostile, comment_ids=[held.id])
        past = a_block(author, clause=hostile, lifted_at=tools.now(), lifted_by=hostile)
        delivery = a_delivery(endpoint, held, event=hostile, last_error=hostile, given_up_at=tools.now())
        stored(store, block, past, delivery, a_strike(held, clause=hostile))
        store.audit.append(tools.now(), hostile, hostile, f"comment:{hostile}", request_id=hostile)

    browser = app.test_client()
    browser.page("/desk/sign-in")
    token = admitting.invite(tools, "admin@paper.example", "administrator", "cli")
    administrator = app.test_client()
    administrator.send(administrator.page(f"/desk/welcome/{token}"), token, name="Admin", password=PASSWORD)

    for reader, address in [
        (browser, "/"),
        (browser, "/articles/story"),
        (browser, f"/articles/story?reply-to={top.id}"),
        (administrator, "/desk/"),
        (administrator, "/desk/?state=published"),
        (administrator, f"/desk/comments/{held.id}"),
        (administrator, f"/desk/authors/{author.id}"),
        (administrator, "/desk/blocks?show=all"),
        (administrator, "/desk/articles"),
        (administrator, f"/desk/articles/{article.id}"),
        (administrator, "/desk/moderators"),
        (administrator, "/desk/audit"),
        (administrator, "/desk/deliveries"),
    ]:
        page = reader.page(address)
        assert {tag for tag, _ in page.tags}.isdisjoint({"img", "svg", "math", "mtext", "mglyph", "base"}), (
            address
        )
        assert not [given for tag, given in page.tags if tag == "meta" and "http-equiv" in given], address
        assert not [link for link in page.links if link.lower().strip().startswith(("javascript:", "jav"))], (
            address
        )
        assert "62615533" not in page.text or hostile != HOSTILE[5], address
        typed = [value for form in page.forms for value in form.fields.values()]
        assert " ".join(hostile.split()) in page.text or hostile in typed, (
            f"{address} does not show it as it was typed"
        )


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["name", "email", "body", "parent"])
def test_hostile_words_in_the_form_come_back_as_text_or_are_refused(client, field, hostile):
    typed = {"name": "Ann", "email": "ann@example.com", "body": CLEAN} | {field: hostile}
    answer = client.send(client.page("/articles/karabakh"), "/comments", **typed)
    assert answer.status_code in (303, 404, 422)
    page = client.page(answer.location) if answer.status_code == 303 else client.read(answer)
    assert not [tag for tag, _ in page.tags if tag in ("img", "svg", "math", "base")]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_in_an_address_are_inert(client, administrator, hostile):
    for browser, address, query in [
        (client, "/articles/karabakh", {"reply-to": hostile}),
        (client, "/articles/karabakh", {"around": hostile}),
        (client, "/articles/karabakh", {"older": hostile}),
        (client, "/articles/karabakh", {"newer": hostile}),
        (client, "/desk/sign-in", {"next": hostile}),
        (administrator, "/desk/", {"clause": hostile, "article": hostile}),
        (administrator, "/desk/", {"state": hostile}),
        (administrator, "/desk/", {"after": hostile}),
        (administrator, "/desk/audit", {"subject": hostile}),
        (administrator, "/desk/blocks", {"show": hostile, "after": hostile}),
    ]:
        answer = browser.get(address, query_string=query)
        assert answer.status_code < 500, (address, query)
        browser.read(answer)


def test_the_name_of_an_author_cannot_reorder_the_page(client, tools, newsroom):
    author = an_author(newsroom.site, name="\u202eevil")
    with tools.database.begin() as store:
        stored(store, author)
        a_stored_comment(store, Discussion(newsroom.site, newsroom.article, author), state="published")
    page = client.page("/articles/karabakh")
    assert '<bdi class="who">\u202eevil</bdi>' in page.html
    style = client.get("/static/style.css").text
    assert "unicode-bidi: isolate" in style

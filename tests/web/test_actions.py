"""The buttons of every page are the list that the services keep to: what it does not give is refused and changes nothing."""

from dataclasses import dataclass, field

import pytest

from moderation.services import acting, curating, publishing
from moderation.services.penalising import block_author, lift_block
from moderation.services.reporting import Reporter, report
from moderation.services.reviewing import review
from moderation.store.tables import Appeal
from tests.builders import Discussion, a_moderator, a_stored_comment, an_author, stored
from tests.workbench import everything

ROLES = ("viewer", "moderator", "administrator")
DECISIONS = ("approve", "reject", "remove", "restore")
ON_COMMENTS = (*DECISIONS, "pin", "unpin", "let-stand", "block", "note", "undo")


@dataclass(frozen=True)
class Situation:
    """A comment in a state, and what happened to it; with what a moderator may do then."""

    state: str
    given: tuple[str, ...]
    happened: tuple[str, ...] = field(default=())


SITUATIONS = {
    "held": Situation("held", ("approve", "reject", "block", "note")),
    "rejected": Situation("rejected", ("approve", "block", "note")),
    "published": Situation("published", ("remove", "pin", "block", "note")),
    "pinned": Situation("published", ("remove", "unpin", "block", "note", "undo"), ("pin",)),
    "pinned and taken down": Situation(
        "published", ("restore", "unpin", "block", "note", "undo"), ("pin", "remove")
    ),
    "reported": Situation("published", ("remove", "pin", "let-stand", "block", "note"), ("report",)),
    "approved": Situation("held", ("remove", "pin", "block", "note", "undo"), ("approve",)),
    "removed": Situation("removed", ("restore", "block", "note")),
    "withdrawn": Situation("withdrawn", ("block", "note")),
    "erased": Situation("published", (), ("erase",)),
}


@pytest.fixture
def clerk(tools, newsroom):
    """A colleague, whose steps are there to be undone."""
    other = a_moderator(name="Clerk")
    with tools.database.begin() as store:
        stored(store, other)
    return other


@pytest.fixture(params=SITUATIONS)
def situation(request, tools, newsroom, clerk):
    """A comment of which this is true, and what may be done with it."""
    found = SITUATIONS[request.param]
    author = an_author(newsroom.site)
    with tools.database.begin() as store:
        stored(store, author)
        comment = a_stored_comment(
            store, Discussion(newsroom.site, newsroom.article, author), state=found.state
        )
    for what in found.happened:
        match what:
            case "pin":
                curating.pin(tools, comment.id, clerk)
            case "report":
                for number in range(3):
                    report(tools, comment.id, "spam", Reporter(f"b{number}", network=f"n{number}"))
            case "erase":
                with tools.database.begin() as store:
                    store.people.erase(author.id, tools.now())
            case decision:
                review(tools, comment.id, decision, clerk, 1, clause="spam")
    with tools.database.read() as store:
        return store.comments.get(comment.id), found.given


def list_of(tools, comment, role):
    """What the services give to an account in this role."""
    with tools.database.read() as store:
        near = acting.around(store, [(comment, store.people.get(comment.author_id))])
    return acting.actions_for(comment, a_moderator(role=role), near[comment.id])


def on_the_page(page, comment):
    """The actions for which there are forms; every form of the page must be known here."""
    found = []
    for form in page.forms:
        of_comment, _, _ = form.action.partition("/comments/")
        match form.action.removeprefix(of_comment).split("/")[1:] if "/comments/" in form.action else []:
            case ["comments", comment.id]:
                decisions = [value for name, value in form.buttons if name == "action"]
                assert set(decisions) <= set(DECISIONS)
                found += decisions
            case ["comments", comment.id, "pin"]:
                found += ["pin" if value == "yes" else "unpin" for _, value in form.buttons]
            case ["comments", comment.id, "reports"]:
                found.append("let-stand")
            case _:
                found += of_others(form.action, comment)
    return found


def of_others(action, comment):
    known = {f"/authors/{comment.author_id}/block": "block", f"/authors/{comment.author_id}/notes": "note"}
    elsewhere = ("/sign-out", "/bulk", "/bulk/all", "/desk/undo", "/language")
    if "/steps/" in action and action.endswith("/undo"):
        return ["undo"]
    for ending, name in known.items():
        if action.endswith(ending):
            return [name]
    assert action.endswith(elsewhere), f"an unknown form: {action}"
    return []


@pytest.mark.parametrize("role", ROLES)
def test_the_forms_of_a_comment_are_the_list_and_the_list_is_what_is_promised(
    tools, signed_in, situation, role
):
    comment, promised = situation
    given = list_of(tools, comment, role)
    assert set(given) == (set() if role == "viewer" else set(promised))
    browser = signed_in(role)
    page = browser.page(f"/desk/comments/{comment.id}")
    assert sorted(on_the_page(page, comment)) == sorted(given)
    in_queue = browser.page(f"/desk/?state={comment.state}&author={comment.author_id}")
    assert sorted(on_the_page(in_queue, comment)) == sorted(given)
    waiting = browser.page("/desk/reported")
    if "let-stand" in promised:
        assert sorted(on_the_page(waiting, comment)) == sorted(given)


def send(browser, tools, comment, action, token):
    """Send what a form of this action would send."""
    with tools.database.read() as store:
        step = store.steps.standing([comment.id]).get(comment.id)
    data = {"csrf_token": token, "version": comment.version, "clause": "spam", "days": "7", "note": "A note."}
    at = f"/desk/comments/{comment.id}"
    where = {
        "pin": (f"{at}/pin", {"pinned": "yes"}),
        "unpin": (f"{at}/pin", {"pinned": "no"}),
        "let-stand": (f"{at}/reports", {}),
        "block": (f"/desk/authors/{comment.author_id}/block", {}),
        "note": (f"/desk/authors/{comment.author_id}/notes", {}),
        "undo": (f"/desk/steps/{step.id if step else 'none'}/undo", {}),
    }
    address, more = where.get(action, (at, {"action": action}))
    return browser.post(address, data=data | more, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize("role", ROLES)
def test_what_the_list_does_not_give_is_refused_and_changes_nothing(tools, signed_in, situation, role):
    comment, _ = situation
    browser = signed_in(role)
    token = browser.page("/desk/").form("/sign-out").fields["csrf_token"]
    before = everything(tools.database)
    for action in set(ON_COMMENTS) - set(list_of(tools, comment, role)):
        answer = send(browser, tools, comment, action, token)
        # To pin what is pinned, or to let go what is not, is no error: pressed twice it was done once.
        again = {"pin": comment.pinned_at is not None, "unpin": comment.pinned_at is None}.get(action)
        assert answer.status_code >= 400 or again, (action, answer.status_code)
        assert everything(tools.database) == before, action


def test_what_the_list_gives_is_done(tools, moderator, situation):
    comment, _ = situation
    token = moderator.page("/desk/").form("/sign-out").fields["csrf_token"]
    for action in [*list_of(tools, comment, "moderator")][-3:]:
        answer = send(moderator, tools, comment, action, token)
        assert answer.status_code == 303, (action, answer.text)


@pytest.mark.parametrize("role", ROLES)
def test_the_forms_of_author_blocks_and_discussion_are_their_lists(tools, signed_in, newsroom, clerk, role):
    author, account = an_author(newsroom.site), a_moderator(role=role)
    with tools.database.begin() as store:
        stored(store, author)
    over, block = (block_author(tools, author.id, "cli", "spam", days) for days in (7, 30))
    lift_block(tools, block.id, "cli")
    holds = block_author(tools, author.id, "cli", "spam", 60)
    publishing.set_discussion(tools, newsroom.article.id, "closed", "cli")
    browser = signed_in(role)
    of_author = [
        form.action.rpartition("/")[2]
        for form in browser.page(f"/desk/authors/{author.id}").forms
        if author.id in form.action
    ]
    assert of_author == [
        {"note": "notes"}.get(name, name) for name in acting.actions_on_author(author, account)
    ]
    lists = browser.page("/desk/blocks?show=all")
    lifts = [form.action for form in lists.forms if form.action.endswith("/lift")]
    shown = [one for one in (over, block, holds) if f"/desk/blocks/{one.id}/lift" in lifts]
    with tools.database.read() as store:
        entries = [store.penalties.get_block(one.id) for one in (over, block, holds)]
    assert [one.id for one in shown] == [
        one.id for one in entries if acting.actions_on_block(one, account, tools.now())
    ]
    added = {"/desk/blocks": "block-domain", "/desk/blocks/address": "block-address"}
    added["/desk/blocks/import"] = "import"
    forms = [added[form.action] for form in lists.forms if form.method == "post" and form.action in added]
    assert forms == [*acting.actions_on_list(account)]
    page = browser.page(f"/desk/articles/{newsroom.article.id}")
    discussion = [value for form in page.forms for name, value in form.buttons if name == "discussion"]
    assert discussion == [*acting.actions_on_article("closed", account)]


@pytest.mark.parametrize("role", ROLES)
def test_an_appeal_has_buttons_for_whom_the_list_gives_them_to(tools, signed_in, newsroom, clerk, role):
    author = an_author(newsroom.site)
    with tools.database.begin() as store:
        stored(store, author)
        comment = a_stored_comment(
            store, Discussion(newsroom.site, newsroom.article, author), state="rejected"
        )
        appeal = Appeal(
            site_id=comment.site_id,
            author_id=author.id,
            decision_id=comment.decision_id,
            comment_id=comment.id,
            text="It was meant otherwise.",
            made_at=tools.now(),
        )
        store.appeals.add(appeal)
    browser = signed_in(role)
    with tools.database.read() as store:
        given = acting.actions_on_appeal(
            store, store.appeals.case(appeal.id, tools.now()), a_moderator(role=role)
        )
    page = browser.page("/desk/appeals")
    assert [value for form in page.forms for name, value in form.buttons if name == "verdict"] == [*given]
    assert given == (() if role == "viewer" else ("grant", "refuse"))

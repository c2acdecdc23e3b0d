"""Every route with every role: a new route without an entry here, or a view without a permission, fails."""

import re

import pytest
from markupsafe import escape

from moderation.services import sessions
from moderation.services.permissions import PERMISSIONS, ROLES, has
from moderation.store.tables import Batch
from tests.builders import Discussion, a_block, a_delivery, a_stored_comment, an_author, an_endpoint, stored
from tests.web.conftest import PASSWORD

OPEN = "open"  # readers, signed in or not
KEY = "key"  # a site's own systems, by key or signature; no role helps
FOREIGN = "foreign"  # the same, refused as the foreign service refuses: tests/web/test_compatible.py
OWN = "own"  # a reader, for what is his; no role at the desk helps: tests/web/test_mine.py
# At the desk: a permission of services/permissions.py, which the view must declare.

MATRIX = {
    ("GET", "static"): OPEN,
    ("GET", "openapi.spec"): OPEN,
    ("GET", "api_page.docs"): OPEN,
    ("GET", "health.live"): OPEN,
    ("GET", "health.ready"): OPEN,
    ("GET", "health.metrics"): OPEN,  # to this machine alone: tests/web/test_health.py
    ("GET", "pages.home"): OPEN,
    ("GET", "pages.policy"): OPEN,
    ("GET", "pages.problems"): OPEN,
    ("GET", "pages.find"): OPEN,
    ("GET", "pages.article"): OPEN,
    ("GET", "pages.thread"): OPEN,
    ("GET", "pages.comment"): OPEN,
    ("GET", "pages.outcome"): OPEN,  # by its token: tests/web/test_pages.py
    ("POST", "pages.post_comment"): OPEN,
    ("POST", "rewording.check"): OPEN,
    ("GET", "feeds.counts"): OPEN,
    ("GET", "feeds.of_site"): OPEN,
    ("GET", "feeds.of_article"): OPEN,
    ("GET", "embed.script"): OPEN,
    ("GET", "embed.arrive"): OPEN,
    ("GET", "embed.article"): OPEN,
    ("GET", "embed.thread"): OPEN,
    ("POST", "embed.post_comment"): OPEN,  # by its token: tests/web/test_embed.py
    ("POST", "embed.post_first_comment"): OPEN,
    ("POST", "embed.check"): OPEN,
    ("POST", "embed.sign_on"): OPEN,  # by the site's token: tests/web/test_embed_mine.py
    ("GET", "embed.list_mine"): OWN,
    ("GET", "embed.edit_page"): OWN,
    ("POST", "embed.edit"): OWN,
    ("POST", "embed.withdraw"): OWN,
    ("GET", "appeals.page"): OPEN,  # by its token: tests/web/test_appeal_page.py
    ("POST", "appeals.send"): OPEN,
    ("POST", "appeals.withdraw"): OPEN,
    ("GET", "reports.form"): OPEN,
    ("POST", "reports.send"): OPEN,
    ("GET", "sign_on.page"): OPEN,
    ("POST", "sign_on.sign_on"): OPEN,  # by its token, from registered origins: tests/web/test_sign_on.py
    ("GET", "mine.mine"): OPEN,
    ("POST", "mine.ask"): OPEN,
    ("GET", "mine.open_page"): OPEN,  # by its token
    ("POST", "mine.open_link"): OPEN,
    ("POST", "mine.sign_out"): OPEN,
    ("GET", "mine.edit_page"): OWN,
    ("POST", "mine.edit"): OWN,
    ("POST", "mine.withdraw"): OWN,
    ("POST", "mine.export"): OWN,
    ("GET", "mine.erase_page"): OWN,
    ("POST", "mine.erase"): OWN,
    ("GET", "mine.unsubscribe_page"): OPEN,  # by its token
    ("POST", "mine.unsubscribe"): OPEN,
    ("GET", "sign_in.sign_in_page"): OPEN,
    ("POST", "sign_in.sign_in"): OPEN,
    ("GET", "sign_in.code_page"): OPEN,  # after the password alone: tests/web/test_second_factor.py
    ("POST", "sign_in.code"): OPEN,
    ("POST", "sign_in.sign_out"): OPEN,
    ("GET", "sign_in.welcome_page"): OPEN,  # by its token: tests/web/test_sign_in.py
    ("POST", "sign_in.welcome"): OPEN,
    ("POST", "api.create_comment"): KEY,
    ("POST", "api.create_comments"): KEY,
    ("POST", "api.check"): KEY,
    ("GET", "api.list_comments"): KEY,
    ("GET", "api.read_comment"): KEY,
    ("GET", "api.list_decisions"): KEY,
    ("GET", "api.list_articles"): KEY,
    ("GET", "api.read_article"): KEY,
    ("GET", "api.read_block"): KEY,
    ("GET", "api.list_blocks"): KEY,
    ("POST", "api.create_block"): KEY,
    ("POST", "api.lift_block"): KEY,
    ("POST", "api.check_block"): KEY,
    ("POST", "hooks.receive"): KEY,
    ("GET", "perspective.discovery"): OPEN,
    ("POST", "perspective.analyze"): FOREIGN,
    ("POST", "perspective.suggest_score"): FOREIGN,
    ("POST", "openai.moderations"): KEY,
    ("POST", "coral.phase"): KEY,
    ("GET", "akismet.connected"): OPEN,
    # By a key that the protocol refuses with a word and 200: tests/web/test_akismet_api.py
    **{
        (method, f"akismet.{call}"): OPEN
        for method, calls in {
            "POST": "verify_key comment_check submit_spam submit_ham key_sites usage_limit get_subscription get_stats "
            "deactivate account_elsewhere",
            "GET": "key_sites usage_limit",
        }.items()
        for call in calls.split()
    },
    ("GET", "desk.queue"): "read",
    ("GET", "desk.comment"): "read",
    ("POST", "desk.review"): "decide",
    ("POST", "desk.pin"): "pin",
    ("GET", "desk.author"): "read",
    ("POST", "desk.block_author"): "block",
    ("GET", "desk.author_history"): "read",
    ("POST", "desk.note_author"): "note",
    ("GET", "desk.steps"): "read",
    ("POST", "desk.undo_step"): "decide",
    ("POST", "desk.undo_last"): "decide",
    ("POST", "desk.preview_bulk"): "decide",
    ("POST", "desk.begin_batch"): "decide",
    ("POST", "desk.preview_all"): "decide",
    ("POST", "desk.stop_batch"): "decide",
    ("GET", "desk.batch"): "read",
    ("POST", "desk.undo_batch"): "decide",
    ("POST", "desk.claim"): "decide",
    ("GET", "desk.live"): "read",
    ("GET", "desk.stream"): "read",
    ("GET", "desk.blocks"): "read",
    ("GET", "desk.export_blocks"): "read",
    ("POST", "desk.import_blocks"): "block_widely",
    ("POST", "desk.block_domain"): "block_widely",
    ("POST", "desk.block_address"): "block_widely",
    ("GET", "desk.appeals"): "read",
    ("POST", "desk.answer_appeal"): "answer_appeals",
    ("GET", "desk.reported"): "read",
    ("POST", "desk.let_stand"): "decide",
    ("POST", "desk.lift_block"): "block",
    ("GET", "desk.articles"): "read",
    ("GET", "desk.new_article"): "read",
    ("GET", "desk.article"): "read",
    ("POST", "desk.create_article"): "edit_articles",
    ("POST", "desk.save_article"): "edit_articles",
    ("POST", "desk.set_discussion"): "edit_articles",
    ("GET", "desk.audit"): "read",
    ("GET", "desk.rewording_counts"): "read",
    ("GET", "desk.policy_room"): "read",
    ("GET", "desk.policy_version"): "read",
    ("GET", "desk.replay"): "read",
    ("POST", "desk.try_text"): "write_policy",
    ("POST", "desk.check_draft"): "write_policy",
    ("POST", "desk.save_draft"): "write_policy",
    ("POST", "desk.run_golden"): "write_policy",
    ("POST", "desk.start_replay"): "write_policy",
    ("POST", "desk.publish_draft"): "publish_policy",
    ("POST", "desk.restore_policy"): "publish_policy",
    ("GET", "desk.figures"): "read",
    ("GET", "desk.export_figures"): "read",
    ("GET", "desk.report"): "read",
    ("GET", "desk.second_look"): "read",
    ("POST", "desk.look_again"): "second_look",
    ("GET", "desk.learning_room"): "read",
    ("GET", "desk.model_plot"): "read",
    ("POST", "desk.promote_model"): "promote_model",
    ("POST", "desk.roll_back_model"): "promote_model",
    ("GET", "desk.alerts"): "read",
    ("GET", "desk.deliveries"): "read",
    ("POST", "desk.replay_delivery"): "replay_deliveries",
    ("GET", "desk.moderators"): "read",
    ("POST", "desk.invite_moderator"): "manage_accounts",
    ("POST", "desk.reset_moderator"): "manage_accounts",
    ("POST", "desk.deactivate_moderator"): "manage_accounts",
    ("POST", "desk.set_moderator_role"): "manage_accounts",
    ("POST", "desk.reset_second_factor"): "manage_accounts",
    ("GET", "desk.permissions"): "read",
    ("GET", "desk.account"): "own_account",
    ("POST", "desk.change_password"): "own_account",
    ("POST", "desk.end_session"): "own_account",
    ("POST", "desk.end_sessions"): "own_account",
    ("GET", "desk.second_factor"): "own_account",
    ("POST", "desk.begin_second_factor"): "own_account",
    ("POST", "desk.confirm_second_factor"): "own_account",
    ("POST", "desk.renew_recovery_codes"): "own_account",
    ("POST", "desk.turn_off_second_factor"): "own_account",
}
# Their own token or signature counts; a program of another site, or a mail program, sends them.
WITHOUT_SESSION = (
    "api.",
    "hooks.",
    "perspective.",
    "openai.",
    "akismet.",
    "coral.",
    "sign_on.sign_on",
    "mine.unsubscribe",
)
JSON_ALONE = ("hooks.", "perspective.", "openai.", "coral.")
NOBODY = "nobody"
ENDING = ("sign_in.sign_out", "desk.end_sessions")  # each ends the session that asks, so each gets its own
SIGNING_IN = (
    "sign_in.sign_in",
    "sign_in.code_page",
    "sign_in.code",
)  # lead to the sign-in, refuse a wrong password


def routes(app):
    return {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def declared(app, endpoint):
    return getattr(app.view_functions[endpoint], "permission", None)


def test_every_route_has_its_entry(app):
    assert routes(app) == set(MATRIX)


def test_every_view_of_the_desk_declares_the_permission_it_has_here(app):
    desk = {route for route in routes(app) if route[1].startswith("desk.")}
    assert {route: declared(app, route[1]) for route in desk} == {route: MATRIX[route] for route in desk}


def test_every_permission_is_declared_by_a_view_or_asked_for_by_a_service(app):
    by_services = {"undo_bulk", "answer_block_appeals", "hear_alerts"}
    assert {declared(app, endpoint) for _, endpoint in routes(app)} - {None} | by_services == {*PERMISSIONS}


@pytest.fixture
def addresses(app, tools, newsroom):
    """An address for every route, with things that are there."""
    author, endpoint = an_author(newsroom.site), an_endpoint(newsroom.site)
    with tools.database.begin() as store:
        stored(store, author, endpoint)
        comment = a_stored_comment(store, Discussion(newsroom.site, newsroom.article, author))
        block, delivery = a_block(author), a_delivery(endpoint, given_up_at=tools.now())
        stored(store, block, delivery)
    things = {
        "slug": newsroom.article.slug,
        "filename": "style.css",
        "token": "none",
        "protocol": "standard-webhooks",
        "site": "paper",
        "comment_id": comment.id,
        "top_id": comment.id,
        "kind": "atom",
        "site_slug": "paper",
        "author_id": author.id,
        "block_id": block.id,
        "article_id": newsroom.article.id,
        "delivery_id": delivery.id,
        "moderator_id": "none",
        "session_id": "none",
        "appeal_id": "none",
        "form": "csv",
        "step_id": "none",
        "batch_id": "none",
        "version": "none",
        "replay_id": "none",
        "look_id": "none",
        "model": "first",
        "plot": "roc.svg",
    }
    with app.test_request_context():
        return {
            rule.endpoint: app.url_for(rule.endpoint, **{name: things[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
        }


@pytest.mark.parametrize("role", [NOBODY, *ROLES])
def test_each_role_gets_where_its_permissions_lead_and_nowhere_else(app, signed_in, addresses, role):
    def a_browser(name):
        return app.test_client() if role == NOBODY else signed_in(role, f"{name}@paper.example")

    browser, wrong, seen = a_browser(role), [], 0
    for method, endpoint in sorted(routes(app)):
        asking = a_browser(endpoint) if endpoint in ENDING else browser
        token = asking.page("/articles/karabakh").form("/comments").fields["csrf_token"]
        data = {"csrf_token": token} if method == "POST" else None
        kind_of_body = {"json": {}} if endpoint.startswith(JSON_ALONE) else {"data": data}
        answer = asking.open(addresses[endpoint], method=method, **kind_of_body)
        kind, at_the_desk = MATRIX[method, endpoint], endpoint.startswith("desk.")
        sent_away = "/sign-in" in answer.headers.get("Location", "")
        if kind in (KEY, OWN, FOREIGN):
            right = answer.status_code == (400 if kind == FOREIGN else 401)
        elif not at_the_desk:
            right = endpoint in (*SIGNING_IN, *ENDING) or not (sent_away or answer.status_code in (401, 403))
        elif role == NOBODY and method == "GET":
            right = answer.status_code == 303 and sent_away
        elif role == NOBODY:
            right = answer.status_code == 401
        elif has(role, declared(app, endpoint)):
            right = answer.status_code not in (401, 403) and (not sent_away or endpoint in ENDING)
        else:
            right = answer.status_code == 403
        seen += at_the_desk
        if not right:
            wrong.append((method, endpoint, kind, answer.status_code, answer.headers.get("Location")))
    assert wrong == []
    assert seen > 60


def test_a_view_that_declares_no_permission_is_refused_to_everybody(app, administrator):
    view = app.view_functions["desk.audit"]
    assert administrator.get("/desk/audit").status_code == 200

    def bare():
        return view()

    app.view_functions["desk.audit"] = bare
    assert administrator.get("/desk/audit").status_code == 403


def test_the_page_of_permissions_shows_each_of_them_for_each_role(viewer):
    page = viewer.page("/desk/permissions")
    assert page.html.count("<tr>") == len(PERMISSIONS) + 1
    for permission in PERMISSIONS.values():
        row = page.html.partition(str(escape(permission.sentence)))[2].partition("</tr>")[0]
        marks = re.findall(r'visually-hidden">(yes|no)<', row)
        assert marks == ["yes" if has(role, permission.name) else "no" for role in ROLES], permission.name
    assert "/desk/permissions" in viewer.page("/desk/moderators").links


@pytest.mark.parametrize("role", ROLES)
def test_ones_own_account_is_reached_by_oneself_alone(signed_in, tools, role):
    """Whose session, password and second factor these are is never asked of the address, so nobody else's are met."""
    somebody, other = signed_in("moderator", "mo@paper.example"), signed_in(role, "other@paper.example")
    with tools.database.read() as store:
        victim = store.moderators.get_by_email("mo@paper.example")
    (session,) = sessions.going(tools, victim.id)
    token = other.page("/desk/account").form("/desk/account/sessions/end").fields["csrf_token"]
    headers = {"Sec-Fetch-Site": "same-origin"}

    def press(path, **fields):
        return other.post(path, data={"csrf_token": token} | fields, headers=headers).status_code

    assert press(f"/desk/account/sessions/{session.id}/end", moderator_id=victim.id) == 404
    known = {"moderator_id": victim.id, "old": PASSWORD, "password": "x"}
    assert press("/desk/account/password", **known) == 422
    reset = press(f"/desk/moderators/{victim.id}/second-factor")
    assert reset == (409 if role == "administrator" else 403)  # there is none to reset
    assert press("/desk/undo") == (403 if role == "viewer" else 404)  # nothing of one's own
    assert press("/desk/account/sessions/end", moderator_id=victim.id) == 303
    assert other.get("/desk/account").status_code == 303
    somebody.page("/desk/account")


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("moderator", 403), ("senior", 303), ("administrator", 303)]
)
def test_a_colleagues_bulk_action_is_undone_from_senior_on(signed_in, tools, role, status):
    signed_in("moderator", "mo@paper.example")
    with tools.database.begin() as store:
        owner = store.moderators.get_by_email("mo@paper.example")
        batch = store.batches.add(
            Batch(by=owner.id, action="approve", clause=None, at=tools.now(), state="done")
        )
    browser = signed_in(role, "other@paper.example")
    page = browser.page(f"/desk/batches/{batch.id}")
    assert ("/undo" in page.html) == (status == 303)
    token = page.form("/sign-out").fields["csrf_token"]
    answer = browser.post(f"/desk/batches/{batch.id}/undo", data={"csrf_token": token})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("role", "wide", "author"),
    [("viewer", 403, 403), ("moderator", 403, 303), ("senior", 303, 303), ("administrator", 303, 303)],
)
def test_a_block_of_a_domain_is_lifted_from_senior_on_and_one_of_an_author_by_a_moderator(
    signed_in, tools, newsroom, role, wide, author
):
    who = an_author(newsroom.site)
    domain = a_block(who, subject_kind="email_domain", subject="spam.example")
    person = a_block(who)
    with tools.database.begin() as store:
        stored(store, who)
        stored(store, domain, person)
    browser = signed_in(role)
    page = browser.page("/desk/blocks")
    assert [f"/blocks/{block.id}/lift" in page.html for block in (domain, person)] == [
        wide == 303,
        author == 303,
    ]
    token = page.form("/sign-out").fields["csrf_token"]
    for block, status in ((domain, wide), (person, author)):
        answer = browser.post(f"/desk/blocks/{block.id}/lift", data={"csrf_token": token})
        assert answer.status_code == status
    data = {"csrf_token": token, "days": "7", "covers": "network"}
    covered = browser.post(f"/desk/authors/{who.id}/block", data=data).status_code
    assert covered == wide


def test_every_change_at_the_desk_needs_the_token_of_its_session(administrator, addresses):
    for method, endpoint in MATRIX:
        if method == "POST" and not endpoint.startswith(WITHOUT_SESSION):
            assert administrator.post(addresses[endpoint], data={}).status_code == 400, endpoint


def test_every_change_is_refused_from_another_site(administrator, addresses):
    token = administrator.page("/desk/").form("/sign-out").fields["csrf_token"]
    for method, endpoint in MATRIX:
        if method == "POST" and not endpoint.startswith(WITHOUT_SESSION):
            answer = administrator.post(
                addresses[endpoint], data={"csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"}
            )
            assert answer.status_code == 403, endpoint


def test_looking_changes_nothing(administrator, addresses, tools, database):
    def everything():
        with database.engine.connect() as connection:
            tables = (
                "comments",
                "decisions",
                "blocks",
                "articles",
                "moderators",
                "audit_events",
                "deliveries",
                "one_time_links",
            )
            return [
                connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY id").all() for table in tables
            ]

    before = everything()
    for method, endpoint in MATRIX:
        if method == "GET":
            administrator.get(addresses[endpoint])
    assert everything() == before

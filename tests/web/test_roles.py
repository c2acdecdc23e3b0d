"""Every route with every role: a new route without an entry here fails."""

import pytest

from tests.builders import Discussion, a_block, a_delivery, a_stored_comment, an_author, an_endpoint, stored

OPEN = "open"  # readers, signed in or not
KEY = "key"  # a site's own systems, by key or signature; no role helps
FOREIGN = "foreign"  # the same, refused as the foreign service refuses: tests/web/test_compatible.py
OWN = "own"  # a reader, for what is his; no role at the desk helps: tests/web/test_mine.py
READ = "read"  # whoever is signed in
ACT = "act"  # moderators and administrators
ADMIN = "admin"  # administrators

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
    ("GET", "desk.queue"): READ,
    ("GET", "desk.comment"): READ,
    ("POST", "desk.review"): ACT,
    ("POST", "desk.pin"): ACT,
    ("GET", "desk.author"): READ,
    ("POST", "desk.block_author"): ACT,
    ("GET", "desk.author_history"): READ,
    ("POST", "desk.note_author"): ACT,
    ("GET", "desk.steps"): READ,
    ("POST", "desk.undo_step"): ACT,
    ("POST", "desk.undo_last"): ACT,
    ("POST", "desk.preview_bulk"): ACT,
    ("POST", "desk.begin_batch"): ACT,
    ("GET", "desk.batch"): READ,
    ("POST", "desk.undo_batch"): ACT,
    ("POST", "desk.stop_batch"): ACT,
    ("POST", "desk.preview_all"): ACT,
    ("POST", "desk.claim"): ACT,
    ("GET", "desk.live"): READ,
    ("GET", "desk.stream"): READ,
    ("GET", "desk.blocks"): READ,
    ("GET", "desk.export_blocks"): READ,
    ("POST", "desk.import_blocks"): ADMIN,
    ("POST", "desk.block_domain"): ACT,
    ("POST", "desk.block_address"): ACT,
    ("GET", "desk.appeals"): READ,
    ("POST", "desk.answer_appeal"): ACT,
    ("GET", "desk.reported"): READ,
    ("POST", "desk.let_stand"): ACT,
    ("POST", "desk.lift_block"): ACT,
    ("GET", "desk.articles"): READ,
    ("GET", "desk.new_article"): READ,
    ("GET", "desk.article"): READ,
    ("POST", "desk.create_article"): ACT,
    ("POST", "desk.save_article"): ACT,
    ("POST", "desk.set_discussion"): ACT,
    ("GET", "desk.audit"): READ,
    ("GET", "desk.rewording_counts"): READ,
    ("GET", "desk.policy_room"): READ,
    ("GET", "desk.policy_version"): READ,
    ("GET", "desk.replay"): READ,
    ("POST", "desk.try_text"): ACT,
    ("POST", "desk.check_draft"): ACT,
    ("POST", "desk.save_draft"): ACT,
    ("POST", "desk.run_golden"): ACT,
    ("POST", "desk.start_replay"): ACT,
    ("POST", "desk.publish_draft"): ADMIN,
    ("POST", "desk.restore_policy"): ADMIN,
    ("GET", "desk.figures"): READ,
    ("GET", "desk.export_figures"): READ,
    ("GET", "desk.report"): READ,
    ("GET", "desk.second_look"): READ,
    ("POST", "desk.look_again"): ACT,
    ("GET", "desk.learning_room"): READ,
    ("GET", "desk.model_plot"): READ,
    ("POST", "desk.promote_model"): ADMIN,
    ("POST", "desk.roll_back_model"): ADMIN,
    ("GET", "desk.alerts"): READ,
    ("GET", "desk.deliveries"): READ,
    ("POST", "desk.replay_delivery"): ACT,
    ("GET", "desk.moderators"): READ,
    ("POST", "desk.invite_moderator"): ADMIN,
    ("POST", "desk.reset_moderator"): ADMIN,
    ("POST", "desk.deactivate_moderator"): ADMIN,
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
ROLES = ("nobody", "viewer", "moderator", "administrator")
MAY = {OPEN: ROLES, READ: ROLES[1:], ACT: ROLES[2:], ADMIN: ROLES[3:], KEY: (), OWN: (), FOREIGN: ()}


def routes(app):
    return {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_its_entry(app):
    assert routes(app) == set(MATRIX)


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


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_where_it_may_and_nowhere_else(app, client, signed_in, addresses, role):
    browser = client if role == "nobody" else signed_in(role)
    token = browser.page("/articles/karabakh").form("/comments").fields["csrf_token"]
    wrong = []
    for (method, endpoint), kind in sorted(MATRIX.items(), key=lambda item: item[0][1].endswith("sign_out")):
        data = {"csrf_token": token} if method == "POST" else None
        kind_of_body = {"json": {}} if endpoint.startswith(JSON_ALONE) else {"data": data}
        answer = browser.open(addresses[endpoint], method=method, **kind_of_body)
        if kind in (KEY, OWN, FOREIGN):
            right = answer.status_code == (400 if kind == FOREIGN else 401)
        elif role in MAY[kind]:
            sent_away = "/sign-in" in answer.headers.get("Location", "") and endpoint != "sign_in.sign_out"
            refused = (
                answer.status_code in (401, 403) and endpoint != "sign_in.sign_in"
            )  # wrong password, no right
            right = not sent_away and not refused
        elif role == "nobody" and method == "GET":
            right = answer.status_code == 303 and "/desk/sign-in" in answer.location
        else:
            right = answer.status_code == (401 if role == "nobody" else 403)
        if not right:
            wrong.append((method, endpoint, kind, answer.status_code, answer.headers.get("Location")))
    assert not wrong


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

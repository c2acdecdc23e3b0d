"""The desk speaks English and Armenian: who chooses, and that in Armenian no English word is left on any page."""

import json
import re
from html.parser import HTMLParser

import pyotp
import pytest

from moderation.errors import Forbidden
from moderation.services import (
    acting,
    appealing,
    braking,
    bulk,
    penalising,
    permissions,
    previewing,
    replaying,
    reporting,
    second_factor,
    second_looking,
    submitting,
)
from moderation.services.appealing import About
from moderation.services.reporting import Reporter
from moderation.services.submitting import NewComment, Writer
from moderation.store.tables import Alert
from moderation.web.wording import said
from tests.builders import a_delivery, an_endpoint, stored
from tests.web.conftest import ATTACK, CLEAN, PASSWORD
from tests.web.reading import VOID

HELD = "Pashinyan is an idiot"
HY = ("html", {"lang": "hy", "dir": "ltr"})
EN = ("html", {"lang": "en", "dir": "ltr"})
# Names, codes and what somebody typed; the detectors' notes and other English says that it is.
DATA_TAGS = {"bdi", "code", "kbd", "pre", "q", "textarea", "svg"}
DATA_CLASSES = {"words", "body", "quoted", "code", "note"}
SAID_TO_ALL = ("aria-label", "data-name", "alt", "title", "placeholder")
# A word by itself, not part of an address, a file name or a code.
WORD = re.compile(r"(?<![\w.@/:=-])[A-Za-z]{2,}(?![\w@/:=-]|\.\w)")
AS_THEY_ARE = {
    "API",
    "ASCII",
    "CSV",
    "Enter",
    "JSON",
    "NUL",
    "QR",
    "ROC",
    "TOTP",
    "UTC",
    "UTF",
    "en",
    "hy",
    "English",  # the link to the page in English, in English
    # What can be searched for in the audit log.
    "engine",
    "ladder",
    "clock",
    "brake",
    "cli",
}
# Not pages: files, pictures and what scripts ask for.
NO_PAGES = {"desk.live", "desk.stream", "desk.export_blocks", "desk.export_figures", "desk.model_plot"}


class Said(HTMLParser):
    """The words of a page that are ours: without what people typed, codes, and what is marked as another language."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        above = bool(self._open) and self._open[-1][1]
        is_data = (
            above
            or tag in DATA_TAGS
            or bool(DATA_CLASSES & {*given.get("class", "").split()})
            or given.get("lang", "hy") != "hy"
        )
        if not is_data:
            self.pieces += [given[name] for name in SAID_TO_ALL if name in given]
            for word in json.loads(given.get("data-words", "{}")).values():  # what a script will say
                self.pieces += word.values() if isinstance(word, dict) else [word]
        elif tag == "svg":
            self.pieces.append(given.get("aria-label", ""))
        if tag not in VOID:
            self._open.append((tag, is_data))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data):
        if not self._open or not self._open[-1][1]:
            self.pieces.append(data)


def english_in(html: str, *names: str) -> list[str]:
    """The English words of a page, without these names."""
    found = []
    for piece in Said(html).pieces:
        text = piece
        for name in names:
            text = text.replace(name, "")
        text = re.sub(r"\{\w+\}", "", text)  # where a script puts a name or a number
        found += [
            f"{word} in {piece.strip()[:80]!r}" for word in WORD.findall(text) if word not in AS_THEY_ARE
        ]
    return found


@pytest.fixture
def names(engine, newsroom):
    """What stands among our words and is nobody's language: names of people, detectors, models and hosts."""
    detectors = sorted((detector.name for detector in engine.detectors), key=len, reverse=True)
    return (
        newsroom.article.title,
        "Asbarez",
        "Administrator",
        "Ann",
        "Bedros",
        "first",
        "second",
        *detectors,
    )


@pytest.fixture
def write(tools, newsroom, clock):
    def write(body, name="Ann"):
        clock.advance(minutes=1)
        email = f"{name.lower()}@example.com"
        new = NewComment(newsroom.site.id, newsroom.article.id, body, Writer(name, email))
        return submitting.submit_comment(tools, new).comment

    return write


@pytest.fixture
def busy_desk(tools, newsroom, administrator, write, monkeypatch, clock) -> dict[str, str]:
    """A desk at which everything has happened once; what stands for the parts of its addresses."""
    monkeypatch.setattr(second_looking, "is_chosen", lambda decision_id, percent: True)
    refused = write(ATTACK)
    appeal = appealing.appeal(tools, About("decision", refused.decision_id), "It was a quotation.")
    held = [write(HELD), write(HELD, "Bedros"), write(HELD, "Bedros")]
    shown = write(CLEAN, "Bedros")
    with tools.database.begin() as store:
        endpoint = an_endpoint(newsroom.site)
        stored(store, endpoint)
        stored(store, a_delivery(endpoint, held[0], given_up_at=tools.now(), last_error="No answer came."))
        store.alerts.add(Alert(kind="threat-held", subject=f"comment:{held[0].id}", at=tools.now()))
    for name in ("a", "b", "c"):
        reporting.report(tools, shown.id, "spam", Reporter(name, network=name), "It advertises.")
    second_looking.choose(tools)
    penalising.block_author(tools, shown.author_id, "cli", "threat", 7, "A note.", covers=["network"])
    penalising.block_domain(tools, "bad.example", "cli", "spam", None, "")
    queue = administrator.page("/desk/")
    administrator.act(queue, held[0].id, "approve")
    administrator.post(
        "/desk/batches",
        data=queue.form("/desk/bulk").fields
        | {"action": "reject", "clause": "personal-attack", "chosen": f"{held[1].id}:{held[1].version}"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    bulk.run_due(tools)
    author = administrator.page(f"/desk/authors/{refused.author_id}")
    administrator.send(author, "/notes", note="Known for long.")
    room = administrator.page("/desk/policy")
    draft = braking.into_shadow(tools.engine.policy, "personal-attack", "personal_attack")
    administrator.send(room, "/policy/draft", text=draft)
    started = administrator.send(administrator.page("/desk/policy"), "/policy/replays", number="10")
    replay_id = started.location.rpartition("/")[2]
    [*replaying.run(tools, replay_id, lambda settings: tools.engine, processes=1)]
    with tools.database.read() as store:
        batch = store.batches.last(limit=1)[0]
        version = store.policies.all()[0].version
    return {
        "appeal_id": appeal.id,
        "comment_id": refused.id,
        "author_id": refused.author_id,
        "article_id": newsroom.article.id,
        "batch_id": batch.id,
        "replay_id": replay_id,
        "version": version,
    }


def test_every_page_of_the_desk_is_in_armenian(app, administrator, busy_desk, names):
    administrator.page("/desk/?lang=hy")
    pages = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and "GET" in rule.methods and rule.endpoint not in NO_PAGES
    ]
    with app.test_request_context():
        addresses = [
            app.url_for(rule.endpoint, **{name: busy_desk[name] for name in rule.arguments}) for rule in pages
        ]
    assert len(addresses) > 20
    left = {}
    for address in [
        *addresses,
        "/desk/?state=published&order=oldest",
        "/desk/?state=rejected&clause=personal-attack",
        "/desk/appeals?state=refused",
        "/desk/blocks?show=all&by=people",
        "/desk/steps?by=me",
    ]:
        answer = administrator.get(address)
        assert answer.status_code == 200, address
        if not address.endswith("/history"):  # a part of a page
            assert HY in administrator.read(answer).tags, address
        if found := english_in(answer.text, *names):
            left[address] = found
    assert left == {}, "\n".join(map(str, left.items()))


def test_what_the_desk_answers_is_in_armenian(app, administrator, busy_desk, names):
    administrator.page("/desk/?lang=hy")

    def sent(page, ending, **fields):
        return administrator.send(administrator.page(page), ending, **fields)

    def followed(answer):
        assert answer.status_code == 303, answer.text
        return administrator.get(answer.location)

    comment, author = (f"/desk/{kind}/{busy_desk[f'{kind[:-1]}_id']}" for kind in ("comments", "authors"))
    article = f"/desk/articles/{busy_desk['article_id']}"
    token = administrator.page("/desk/").form("/desk/bulk").fields["csrf_token"]
    script = {"Accept": "application/json"}
    answers = [
        sent("/desk/blocks", "/desk/blocks", domain="none", days="30"),
        followed(sent("/desk/blocks", "/desk/blocks", domain="worse.example", days="30")),
        sent("/desk/blocks", "/blocks/address", address="none", days="30"),
        sent("/desk/moderators", "/invite", email="none", role="viewer"),
        sent("/desk/moderators", "/invite", email="new@paper.example", role="viewer"),
        sent(article, f"{article}", title="", slug="Ա", url="x", published_at="x"),
        followed(sent(article, "/discussion", discussion="closed")),
        sent("/desk/appeals", busy_desk["appeal_id"], verdict="refuse"),
        administrator.get("/desk/blocks?show=none"),
        followed(sent(author, "/notes", note="Another.")),
        sent(author, "/notes", note=""),
        sent("/desk/policy", "/policy/try", body=ATTACK),
        sent("/desk/policy", "/policy/try", body=""),
        sent("/desk/policy", "/policy/golden"),
        sent("/desk/policy", "/policy/publish", reason=""),
        sent("/desk/policy", "/policy/replays", number="0"),
        followed(sent("/desk/deliveries", "/replay")),
        administrator.get("/desk/comments/none"),
        administrator.get("/desk/audit?since=yesterday"),
        administrator.get("/desk/report?month=x"),
        administrator.post(comment, data={"csrf_token": token, "action": "reject", "version": "1"}),
        administrator.post("/desk/undo", data={"csrf_token": token}, headers=script),
        administrator.post("/desk/undo", data={"csrf_token": token}, headers=script),
        administrator.post("/desk/undo", data={"csrf_token": token}, headers=script),
        administrator.post(comment, data={"csrf_token": token, "action": "restore"}, headers=script),
    ]
    left = {}
    for answer in answers:
        if answer.is_json:
            text = answer.json.get("said") or answer.json["detail"]
        else:
            text = answer.text
            assert HY in administrator.read(answer).tags
        if found := english_in(f"<p>{text}</p>" if answer.is_json else text, *names):
            left[answer.request.path] = found
    assert left == {}, "\n".join(map(str, left.items()))


def test_signing_in_and_the_links_that_lead_to_it_are_in_armenian(app, administrator, tools, names):
    stranger = app.test_client()
    page = stranger.page("/desk/sign-in?lang=hy")
    assert HY in page.tags
    wrong = stranger.send(page, "/sign-in", email="nobody@paper.example", password="wrong")
    page = administrator.page("/desk/moderators")
    invited = administrator.read(
        administrator.send(page, "/invite", email="vera@paper.example", role="viewer")
    )
    link = re.search(r"/desk/welcome/[\w-]+", invited.html)[0]
    welcome = stranger.page(link)
    weak = stranger.send(welcome, link, name="", password="short")
    for answer in (wrong, weak):
        assert answer.status_code in (401, 422)
        assert english_in(answer.text, *names) == []
    stranger.send(welcome, link, name="Vera", password=PASSWORD)
    forbidden = stranger.post(
        "/desk/undo", data={"csrf_token": stranger.page("/desk/").form("/sign-out").fields["csrf_token"]}
    )
    assert forbidden.status_code == 403
    assert english_in(forbidden.text) == []


NOBODYS = ("Firefox", "Linux", "Viewer", "Moderator", "Senior", "ValueError")  # names, as `names` are
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def left(names):
    """Take the pages of a test, hold each to Armenian, and remember the English words that are left."""

    class Left(dict):
        def look(self, browser, answer, status=200):
            assert answer.status_code == status, (answer.request.path, answer.text)
            page = browser.read(answer)
            assert HY in page.tags, answer.request.path
            if found := english_in(answer.text, *names, *NOBODYS):
                self[answer.request.path, len(self)] = found
            return page

        def follow(self, browser, answer):
            assert answer.status_code == 303, answer.text
            return self.look(browser, browser.get(answer.location))

    return Left()


def the_code(page, clock):
    """What the phone shows for the key of the page."""
    key = re.search(r'one-time">([A-Z2-7 ]+)<', page.html)[1].replace(" ", "")
    return pyotp.TOTP(key).at(clock())


def test_the_account_and_its_second_factor_are_in_armenian(app, administrator, tools, clock, left):
    browser, email = administrator, "administrator@paper.example"
    browser.page("/desk/?lang=hy")
    other = app.test_client()
    other.send(other.page("/desk/sign-in"), "/sign-in", FIREFOX, email=email, password=PASSWORD)
    page = left.look(browser, browser.get("/desk/account"))
    assert "Firefox (Linux)" in page.text
    for old, new in (("wrong", PASSWORD), (PASSWORD, "short"), (PASSWORD, PASSWORD)):
        left.look(browser, browser.send(page, "/account/password", old=old, password=new), 422)
    end = re.search(r"Firefox.*?(/sessions/\w+/end)", page.html, re.DOTALL)[1]
    left.follow(browser, browser.send(page, end))
    left.look(browser, browser.send(page, end), 404)
    page = browser.page("/desk/account")
    left.follow(browser, browser.send(page, "/account/password", old=PASSWORD, password=PASSWORD + "?"))
    password = PASSWORD + "?"

    page = left.look(browser, browser.get("/desk/account/second-factor"))
    left.look(browser, browser.send(page, "/account/second-factor", password="wrong"), 422)
    page = left.follow(browser, browser.send(page, "/account/second-factor", password=password))
    code = the_code(page, clock)
    left.look(browser, browser.send(page, "/confirm", code="none"), 422)
    recovery = left.look(browser, browser.send(page, "/confirm", code=code))
    assert len(re.findall(r"<li><code>", recovery.html)) == second_factor.CODES

    page = left.look(browser, browser.get("/desk/sign-in"))
    page = left.follow(browser, browser.send(page, "/sign-in", email=email, password=password))
    left.look(browser, browser.send(page, "/sign-in/code", code=code), 401)  # it was used
    first, second, third = re.findall(r"<li><code>(.+?)</code>", recovery.html)[:3]
    left.follow(browser, browser.send(page, "/sign-in/code", code=first))
    left.look(browser, browser.get("/desk/account"))
    page = left.look(browser, browser.get("/desk/account/second-factor"))
    for form in ("/codes", "/off"):
        left.look(browser, browser.send(page, form, password="wrong", code=second), 422)
        left.look(browser, browser.send(page, form, password=password, code="none"), 422)
    renewed = left.look(browser, browser.send(page, "/codes", password=password, code=second))
    assert third not in renewed.html
    fresh = re.search(r"<li><code>(.+?)</code>", renewed.html)[1]
    left.follow(browser, browser.send(page, "/off", password=password, code=fresh))

    page = browser.page("/desk/sign-in")
    browser.send(page, "/sign-in", email=email, password=password)
    page = browser.page("/desk/account")
    token = {"csrf_token": page.form("/account/password").fields["csrf_token"]}
    for ending in ("confirm", "codes", "off"):  # there is nothing of the kind any more
        sent = token | {"password": password, "code": "123456"}
        left.look(browser, browser.post(f"/desk/account/second-factor/{ending}", data=sent), 409)
    left.follow(browser, browser.send(page, "/account/sessions/end"))
    assert left == {}, "\n".join(map(str, left.items()))


def test_who_must_turn_the_second_factor_on_and_who_is_late_reads_armenian(
    administrator, tools, clock, monkeypatch, left
):
    browser, email = administrator, "administrator@paper.example"
    token = browser.page("/desk/?lang=hy").form("/sign-out").fields
    monkeypatch.setattr(second_factor, "is_missing", lambda tools, moderator: True)
    left.follow(browser, browser.get("/desk/"))
    left.look(browser, browser.get("/desk/account"))
    left.look(browser, browser.post("/desk/undo", data=token), 403)
    page = left.follow(
        browser,
        browser.send(browser.page("/desk/account/second-factor"), "/second-factor", password=PASSWORD),
    )
    browser.send(page, "/confirm", code=the_code(page, clock))
    answer = browser.send(browser.page("/desk/sign-in"), "/sign-in", email=email, password=PASSWORD)
    page = browser.page(answer.location)
    clock.advance(minutes=6)
    left.follow(browser, browser.send(page, "/sign-in/code", code="123456"))
    assert left == {}, "\n".join(map(str, left.items()))


def test_roles_and_permissions_are_in_armenian(administrator, signed_in, tools, left, busy_desk):
    for role in ("viewer", "moderator", "senior"):
        browser = signed_in(role)
        browser.page("/desk/?lang=hy")
        for address in ("/desk/permissions", "/desk/account", "/desk/", "/desk/blocks", "/desk/appeals"):
            left.look(browser, browser.get(address))
        token = browser.page("/desk/").form("/sign-out").fields
        left.look(browser, browser.post("/desk/moderators/invite", data=token), 403)
        if role != "senior":
            left.look(browser, browser.post("/desk/blocks", data=token), 403)
        if role == "moderator":
            undo = f"/desk/batches/{busy_desk['batch_id']}/undo"
            left.look(browser, browser.post(undo, data=token), 403)

    page = left.look(administrator, administrator.get("/desk/moderators?lang=hy"))
    with tools.database.read() as store:
        ids = {other.name: other.id for other in store.moderators.all()}
        senior = store.moderators.get(ids["Senior"])
    left.look(administrator, administrator.send(page, f"{senior.id}/role", role="none"), 422)
    last = administrator.send(page, f"{ids['Administrator']}/role", role="viewer")
    left.look(administrator, last, 409)
    left.follow(administrator, administrator.send(page, f"{ids['Viewer']}/role", role="senior"))
    left.look(administrator, administrator.send(page, f"{ids['Viewer']}/reset"))
    reset = {"csrf_token": page.form("/invite").fields["csrf_token"]}
    left.look(
        administrator, administrator.post(f"/desk/moderators/{senior.id}/second-factor", data=reset), 409
    )
    own = administrator.post(f"/desk/moderators/{ids['Administrator']}/second-factor", data=reset)
    left.look(administrator, own, 403)
    second_factor.propose(tools, senior.id, PASSWORD)
    with tools.database.read() as store:
        key = second_factor.proposed(tools, store.moderators.get(senior.id))
    second_factor.confirm(tools, senior.id, pyotp.TOTP(key).at(tools.now()))
    page = left.look(administrator, administrator.get("/desk/moderators"))
    left.follow(administrator, administrator.send(page, f"{senior.id}/second-factor"))
    assert left == {}, "\n".join(map(str, left.items()))


def test_what_cannot_be_done_is_said_in_armenian(app, signed_in, tools, left):
    signed_in("viewer")
    with tools.database.read() as store:
        (viewer,) = store.moderators.all()
    actions = {
        *acting.LEADS_TO,
        "pin",
        "unpin",
        "let-stand",
        "block",
        "note",
        "undo",
        "lift",
        "begin",
        "stop",
    }
    actions |= {"block-domain", "block-address", "import", "grant", "refuse", *acting._DISCUSSIONS}
    sentences = [str(acting.refused(action, viewer)) for action in actions]
    sentences += [
        str(acting.refused("approve", viewer, f"with a comment that is {state} "))
        for state in acting.DECISIONS
    ]
    for name in permissions.PERMISSIONS:
        if not permissions.may(viewer, name):
            with pytest.raises(Forbidden) as refused:
                permissions.require(viewer, name)
            sentences.append(str(refused.value))
    with app.test_request_context("/desk/?lang=hy"):
        assert {
            sentence: found for sentence in sentences if (found := english_in(f"<p>{said(sentence)}</p>"))
        } == {}


def test_bulk_over_a_filter_its_stop_and_its_undoing_are_in_armenian(
    administrator, moderator, tools, write, left, monkeypatch
):
    comments = [write(HELD, name) for name in ("Ann", "Bedros", "Ann")]
    browser, queue = administrator, "/desk/?clause=personal-attack"
    browser.page("/desk/?lang=hy")
    csrf = moderator.page("/desk/").form("/desk/bulk").fields["csrf_token"]
    script = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
    moderator.post("/desk/claims", data={"csrf_token": csrf, "comment": comments[0].id}, headers=script)
    page = left.look(browser, browser.get(queue))
    left.look(browser, browser.send(page, "/bulk/all", action="reject"))
    preview = left.look(browser, browser.send(page, "/bulk/all", action="approve"))
    running = left.follow(browser, browser.send(preview, "/desk/batches"))
    left.look(browser, browser.send(preview, "/desk/batches"), 409)  # it was begun already
    left.follow(browser, browser.send(running, "/stop"))
    left.look(browser, browser.send(running, "/stop"), 409)
    preview = left.look(browser, browser.send(page, "/bulk/all", action="approve"))
    answer = browser.send(preview, "/desk/batches")
    left.look(browser, browser.get("/desk/steps"))
    bulk.run_due(tools)
    done = left.look(browser, browser.get(answer.location))
    left.follow(browser, browser.send(done, "/undo"))  # it is being undone
    left.look(browser, browser.get("/desk/steps"))
    bulk.run_due(tools)
    left.look(browser, browser.get(answer.location))
    left.look(browser, browser.send(done, "/undo"), 409)

    for fields in ({"action": "restore"}, {"action": "none"}, {"action": "approve", "clause": "threat"}):
        left.look(browser, browser.send(page, "/bulk/all", **fields), 422)
    ticked = [f"{comment.id}:{comment.version}" for comment in comments]
    left.look(browser, browser.send(page, "/desk/bulk", action="reject", chosen=ticked))
    left.look(browser, browser.send(page, "/desk/bulk", action="restore", chosen=ticked))
    left.look(browser, browser.send(page, "/desk/bulk", action="approve", chosen=[]), 422)
    theirs = moderator.read(moderator.send(moderator.page(queue), "/bulk/all", action="approve"))
    preview_id = theirs.form("/desk/batches").fields["preview"]
    token = browser.page(queue).form("/desk/bulk").fields["csrf_token"]
    sent = {"csrf_token": token, "preview": preview_id}
    left.look(browser, browser.post("/desk/batches", data=sent), 403)
    monkeypatch.setattr(previewing, "MOST_FOUND", 1)
    left.look(browser, browser.get(queue))
    left.look(browser, browser.send(page, "/bulk/all", action="approve"), 422)
    assert left == {}, "\n".join(map(str, left.items()))


def test_every_step_and_its_undoing_are_in_armenian(administrator, tools, write, left, busy_desk):
    browser = administrator
    browser.page("/desk/?lang=hy")

    def sent(page, ending, **fields):
        return browser.send(browser.page(page), ending, **fields)

    article = f"/desk/articles/{busy_desk['article_id']}"
    comment = write(CLEAN)
    left.follow(browser, sent(f"/desk/comments/{comment.id}", "/pin"))
    left.look(browser, browser.get(f"/desk/comments/{comment.id}"))
    left.follow(browser, sent(f"/desk/comments/{comment.id}", "/pin"))
    for discussion in ("closed", "held-first", "open"):
        left.follow(browser, sent(article, "/discussion", discussion=discussion))
    left.follow(browser, sent("/desk/blocks", "/desk/blocks", domain="worse.example", days="30"))
    left.follow(browser, sent("/desk/blocks", "/blocks/address", address="192.0.2.7", days="30"))
    left.follow(browser, sent(f"/desk/authors/{busy_desk['author_id']}", "/notes", note="Known."))
    left.follow(browser, sent("/desk/appeals", busy_desk["appeal_id"], verdict="grant", note="Right."))
    before = set()
    while forms := [form for form in browser.page("/desk/steps").forms if form.action.endswith("/undo")]:
        new = [form for form in forms if form.action not in before]
        if not new:
            break
        before.add(new[0].action)
        answer = browser.post(new[0].action, data=new[0].fields)
        if answer.status_code == 303:
            left.follow(browser, answer)
        else:
            left.look(browser, answer, 409)
    assert len(before) >= 9
    assert left == {}, "\n".join(map(str, left.items()))


@pytest.mark.parametrize("because", ["policy", "database", "process", "ValueError"])
@pytest.mark.parametrize("state", ["running", "failed"])
def test_a_replay_that_fails_says_so_in_armenian(administrator, tools, busy_desk, left, state, because):
    with tools.database.begin() as store:
        replay = store.replays.get(busy_desk["replay_id"])
        replay.state, replay.attempts, replay.failed_because, replay.second_stage = state, 2, because, True
    answer = administrator.get(f"/desk/policy/replays/{busy_desk['replay_id']}?lang=hy")
    left.look(administrator, answer)
    assert left == {}


def test_a_moderator_chooses_and_the_choice_is_kept(administrator):
    page = administrator.page("/desk/figures")
    assert EN in page.tags
    assert page.languages == ["/desk/figures?lang=hy"]
    assert HY in administrator.page("/desk/figures?lang=hy").tags
    page = administrator.page("/desk/")
    assert HY in page.tags
    assert "Հերթ" in page.text
    assert page.languages == ["/desk/?lang=en"]
    assert EN in administrator.page("/desk/?lang=en").tags
    assert "Queue" in administrator.page("/desk/").text


@pytest.mark.parametrize(("accept", "expected"), [("en", EN), ("hy, en;q=0.5", HY), ("", EN)])
def test_the_language_of_the_site_is_not_that_of_its_moderators(
    administrator, tools, newsroom, accept, expected
):
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).language = "hy"
    assert expected in administrator.page("/desk/", headers={"Accept-Language": accept}).tags
    assert (
        expected in administrator.page("/desk/comments/none", 404, headers={"Accept-Language": accept}).tags
    )
    assert HY in administrator.page("/", headers={"Accept-Language": accept}).tags


def test_clauses_stand_by_their_armenian_titles(administrator, busy_desk, tools):
    administrator.page("/desk/?lang=hy")
    title = tools.engine.policy.clause_title("personal-attack", "hy")
    assert title in administrator.page(f"/desk/comments/{busy_desk['comment_id']}").text
    assert title in administrator.page("/desk/blocks").text
    room = administrator.page("/desk/policy").text
    assert tools.engine.policy.readings_hy["personal-attack"] in room
    assert tools.engine.policy.readings["personal-attack"] not in room


def test_the_doors_for_programs_speak_english(client):
    client.page("/?lang=hy")
    assert client.get("/api/v1/comments/none?lang=hy").json["title"] == "Sign in first"

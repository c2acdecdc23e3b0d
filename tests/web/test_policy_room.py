"""The rooms of the desk work without script: policy, figures, second look, models, alerts, audit search."""

from dataclasses import replace

import pytest

from moderation.engine import Engine
from moderation.services import braking, replaying, second_looking
from moderation.services.submitting import submit_comment
from tests.builders import a_new_comment
from tests.web.conftest import ATTACK, CLEAN


@pytest.fixture
def tools(tools):
    """Tools whose engine is this test's own: its policy changes."""
    shared = tools.engine
    return replace(tools, engine=Engine(shared.policy, {}, shared.detectors))


@pytest.fixture
def commented(tools, newsroom):
    return [submit_comment(tools, a_new_comment(newsroom.article, body)).comment for body in (ATTACK, CLEAN)]


def a_draft(tools):
    return braking.into_shadow(tools.engine.policy, "personal-attack", "personal_attack")


def test_a_draft_is_checked_and_nothing_is_kept(administrator, tools, commented):
    page = administrator.page("/desk/policy")
    fields = page.form("/policy/draft").fields

    def check(text):
        sent = {"data": fields | {"text": text}, "headers": {"Sec-Fetch-Site": "same-origin"}}
        return [administrator.post(f"/desk/policy/check{end}", **sent) for end in ("", "?panel=1")]

    wrong, panel = check("title = 1")
    assert "does not hold" in panel.text
    assert wrong.status_code == 422
    assert "Correct" in wrong.text
    good, panel = check(a_draft(tools))
    assert "The draft holds." in panel.text
    assert "<h1>" not in panel.text
    administrator.read(good)
    assert "in_shadow" in good.text
    with tools.database.read() as store:
        assert store.policies.draft() is None


def test_words_typed_into_a_draft_are_text(administrator, tools):
    page = administrator.page("/desk/policy")
    answer = administrator.send(page, "/policy/draft", text="<script>alert(1)</script>")
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_the_room_from_draft_to_publication_and_back(administrator, tools, commented):
    old = tools.engine.policy.version
    room = "/desk/policy"
    page = administrator.page(room)
    assert administrator.send(page, "/policy/draft", text=a_draft(tools)).status_code == 303
    page = administrator.page(room)
    assert "golden decisions" in administrator.read(administrator.send(page, "/policy/golden")).text
    tried = administrator.read(administrator.send(page, "/policy/try", body=ATTACK))
    assert "reject" in tried.text
    started = administrator.send(page, "/policy/replays", number="10")
    assert started.status_code == 303
    answer = administrator.get(started.location)
    assert answer.headers["Refresh"] == "3"
    missing = administrator.send(page, "/policy/publish", reason="")
    assert missing.status_code == 422
    assert administrator.send(page, "/policy/publish", reason="It stops too much.").status_code == 303
    assert tools.engine.policy.version != old
    assert "It stops too much." in administrator.page(room).text
    page = administrator.page(f"/desk/policy/versions/{old}")
    assert administrator.send(page, "/restore", reason="Back.").status_code == 303
    assert tools.engine.policy.version == old


def test_a_finished_replay_shows_what_changes(administrator, tools, commented):
    page = administrator.page("/desk/policy")
    administrator.send(page, "/policy/draft", text=a_draft(tools))
    started = administrator.send(administrator.page("/desk/policy"), "/policy/replays", number="10")
    replay_id = started.location.rpartition("/")[2]
    [*replaying.run(tools, replay_id, lambda settings: tools.engine, processes=1)]
    answer = administrator.get(started.location)
    assert "Refresh" not in answer.headers
    page = administrator.read(answer)
    assert "Done" in page.text
    assert "2 / 2" in page.text


def test_figures_are_tables_beside_charts_and_a_csv(administrator, commented):
    page = administrator.page("/desk/figures")
    assert "Decisions by day" in page.text
    answer = administrator.get("/desk/figures.csv")
    assert answer.mimetype == "text/csv"
    assert "clause,personal-attack,reject,1" in answer.text
    assert "Transparency report 2026-11" in administrator.page("/desk/report?month=2026-11").text
    assert administrator.get("/desk/report?month=x").status_code == 422


def test_a_second_look_shows_the_comment_and_not_its_verdict(administrator, tools, commented, monkeypatch):
    monkeypatch.setattr(second_looking, "is_chosen", lambda decision_id, percent: True)
    assert second_looking.choose(tools) == 2
    page = administrator.page("/desk/second-look")
    assert ATTACK in page.text
    assert "personal_attack" not in page.text
    form = next(form for form in page.forms if "/second-look/" in form.action)
    unsaid = administrator.post(form.action, data=form.fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert unsaid.status_code == 422
    said = administrator.post(
        form.action, data=form.fields | {"verdict": "publish"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert said.status_code == 303
    assert CLEAN in administrator.page("/desk/second-look").text


def test_models_are_shown_with_the_plots_of_their_cards(administrator):
    page = administrator.page("/desk/models")
    assert "first" in page.text
    answer = administrator.get("/desk/models/first/roc.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    for nothing in ("first/weights.npz", "nothing/roc.svg", "first/..%2Fcard.md"):
        assert administrator.get(f"/desk/models/{nothing}").status_code == 404


def test_the_audit_log_is_searched(administrator, commented):
    page = administrator.page("/desk/audit?action=comment.decided&since=2026-11-01&until=2026-12-01")
    assert "comment.decided" in page.text
    assert "strike" not in administrator.page(f"/desk/audit?subject=comment:{commented[1].id}").text
    assert "Nothing yet" in administrator.page("/desk/audit?until=2020-01-01").text
    assert administrator.get("/desk/audit?since=yesterday").status_code == 422


def test_alerts_are_listed(administrator):
    assert "Nothing yet" in administrator.page("/desk/alerts").text


def test_a_replay_says_what_decides_what_is_left_out_and_why_it_failed(administrator, tools, commented):
    page = administrator.page("/desk/policy")
    administrator.send(page, "/policy/draft", text=a_draft(tools))
    room = administrator.page("/desk/policy")
    started = administrator.send(room, "/policy/replays", number="10", second="yes")
    replay_id = started.location.rpartition("/")[2]
    with tools.database.read() as store:
        assert store.replays.get(replay_id).second_stage
    page = administrator.page(started.location)
    assert "the first model and the second one" in page.text
    assert "How authors stood when they wrote is not kept with a decision" in page.text
    plain = administrator.send(room, "/policy/replays", number="10")
    assert "without the second one" in administrator.page(plain.location).text
    with pytest.raises(ZeroDivisionError):
        [*replaying.run(tools, replay_id, lambda settings: 1 / 0, processes=1)]
    page = administrator.page(started.location)
    assert "an error of the kind ZeroDivisionError" in page.text
    assert "attempt 2 of 5" in page.text
    with tools.database.begin() as store:
        failed = store.replays.get(replay_id)
        failed.state, failed.attempts, failed.failed_because = "failed", 5, "database"
    page = administrator.page(started.location)
    assert "It stopped after 5 attempts: the database did not answer." in page.text


def test_a_policy_that_was_refused_is_said_in_the_room(administrator, tools):
    assert not administrator.page("/desk/policy").html.count("hold_at 0.99")
    tools.engine.refused_policies["file"] = "policy.toml: hold_at 0.99 is above reject_at 0.8. Lower hold_at."
    try:
        page = administrator.page("/desk/policy")
    finally:
        tools.engine.refused_policies.clear()
    assert "Refused: policy.toml: hold_at 0.99 is above reject_at 0.8. Lower hold_at." in page.text

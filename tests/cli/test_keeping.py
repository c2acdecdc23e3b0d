"""Commands for whoever keeps a discussion: articles, accounts, sites, persons."""

import hashlib

import pytest

from moderation.store.tables import (
    ApiKey,
    Article,
    AuditEvent,
    Comment,
    Endpoint,
    Moderator,
    OneTimeLink,
    RecoveryCode,
    Site,
)
from tests.builders import NOW, a_moderator
from tests.workbench import Clock, everything, rows

SLUG = "putin-says-karabakh-is-azerbaijan"


def test_accounts_are_invited_given_roles_reset_and_closed(seeded, run):
    link = run("user", "invite", "mo@paper.example", "--role", "administrator").lines[0]
    assert link.startswith("http://127.0.0.1:8000/desk/welcome/")
    assert run("user", "list").out == ""
    with seeded.begin() as store:
        for name in ("Mo", "No"):
            email = f"{name.lower()}@paper.example"
            store.moderators.add(
                Moderator(
                    email=email, name=name, password_hash="x", role="administrator", created_at=Clock().time
                )
            )
    assert run("user", "role", "MO@paper.example", "viewer").code == 0
    assert "/desk/welcome/" in run("user", "reset", "mo@paper.example").out
    assert run("user", "deactivate", "mo@paper.example").code == 0
    assert run("user", "list").table == [
        ["mo@paper.example", "Mo", "viewer", "closed"],
        ["no@paper.example", "No", "administrator", "open"],
    ]
    last = run("user", "deactivate", "no@paper.example")
    assert (last.code, last.err) == (
        2,
        "moderation: This is the last administrator. Make another one first.\n",
    )


def test_the_senior_role_is_invited_and_given(seeded, run):
    assert "/desk/welcome/" in run("user", "invite", "sue@paper.example", "--role", "senior").out
    (link,) = rows(seeded, OneTimeLink)
    assert link.role == "senior"
    with seeded.begin() as store:
        store.moderators.add(a_moderator(email="mo@paper.example"))
    assert run("user", "role", "mo@paper.example", "senior").code == 0
    assert rows(seeded, Moderator)[0].role == "senior"


def test_the_second_factor_of_who_lost_it_is_turned_off(seeded, run):
    with seeded.begin() as store:
        lost = a_moderator(
            email="ada@paper.example",
            role="administrator",
            second_factor_secret="x",
            second_factor_at=NOW,
            second_factor_step=7,
        )
        store.moderators.add(lost)
        store.second_factors.keep_codes(lost.id, ["digest"])
    assert run("user", "reset-second-factor", "Ada@paper.example").code == 0
    (ada,) = rows(seeded, Moderator)
    assert (ada.second_factor_secret, ada.second_factor_at, ada.session_epoch) == (None, None, 1)
    assert rows(seeded, RecoveryCode) == []
    event = rows(seeded, AuditEvent)[-1]
    assert (event.action, event.actor) == ("moderator.second_factor_reset", "cli")
    again = run("user", "reset-second-factor", "ada@paper.example")
    assert (again.code, again.err) == (2, "moderation: This account has no second factor.\n")
    assert "no such account" in run("user", "reset-second-factor", "nobody@paper.example").err


def test_a_site_is_set_up_with_secret_key_and_endpoint_each_shown_once(seeded, run, monkeypatch):
    monkeypatch.setenv("MODERATION_ALLOW_PRIVATE_WEBHOOKS", "true")
    (secret,) = run("site", "add", "gazette", "--name", "The Gazette").lines
    (key,) = run("site", "key", "gazette", "--name", "CMS").lines
    (signing,) = run("site", "endpoint", "gazette", "http://127.0.0.1/hook", "--event", "comment.held").lines
    site = next(row for row in rows(seeded, Site) if row.slug == "gazette")
    assert site.inbound_secrets == [secret]
    (kept,) = rows(seeded, ApiKey)
    assert (kept.site_id, kept.digest) == (site.id, hashlib.sha256(key.encode()).hexdigest())
    assert key not in repr(everything(seeded))
    (endpoint,) = rows(seeded, Endpoint)
    assert (endpoint.secret, endpoint.events) == (signing, ["comment.held"])
    assert ["gazette", "The Gazette", "http://127.0.0.1:8000/hooks/standard-webhooks/gazette"] in run(
        "site", "list"
    ).table
    assert run("site", "keys", "gazette").table == [
        [kept.id, kept.prefix, "CMS", "everything", "never used", "in force"]
    ]
    assert run("site", "keys", "gazette", "--revoke", kept.id).table[0][-1] == "revoked"
    assert run("site", "endpoints", "gazette").table[0][1:] == [
        "http://127.0.0.1/hook",
        "comment.held",
        "in use",
    ]


def test_of_a_sites_secrets_the_two_latest_are_kept(seeded, run):
    first = run("site", "secrets", "asbarez").lines
    second = run("site", "secrets", "asbarez", "--rotate").lines
    third = run("site", "secrets", "asbarez", "--rotate").lines
    assert (len(first), second[1:], third[1:]) == (1, first, second[:1])
    assert run("site", "secrets", "asbarez").lines == third


def test_an_article_is_written_changed_closed_and_opened(seeded, run, tmp_path):
    (tmp_path / "summary.txt").write_text("On Tuesday the council votes.\n")
    given = (
        "--slug",
        "a-vote",
        "--summary",
        "summary.txt",
        "--person",
        "Ann",
        "--person",
        "Bedros",
        "--published",
        "2026-11-01",
    )
    assert run("article", "save", "--title", "A vote", *given).lines == [
        "http://127.0.0.1:8000/articles/a-vote"
    ]
    assert run("article", "save", "--slug", "a-vote", "--title", "The vote").code == 0
    article = next(row for row in rows(seeded, Article) if row.slug == "a-vote")
    assert (article.title, article.summary, article.people) == (
        "The vote",
        "On Tuesday the council votes.",
        ["Ann", "Bedros"],
    )
    assert f"{article.published_at:%Y-%m-%d}" == "2026-11-01"
    states = [
        run("article", *command, SLUG).lines for command in (["close"], ["open", "--held-first"], ["open"])
    ]
    assert states == [["closed"], ["held-first"], ["open"]]


def test_a_comment_is_reviewed_as_at_the_desk(seeded, run, comment):
    assert run("comment", "review", comment.id, "approve").lines == ["published"]
    assert run("comment", "review", comment.id, "remove", "--clause", "spam").lines == ["removed"]
    assert run("comment", "review", comment.id, "restore").lines == ["published"]
    refused = run("comment", "review", comment.id, "reject", "--clause", "spam")
    assert (refused.code, refused.out) == (2, "")


def test_a_person_is_erased_only_when_it_is_confirmed(seeded, run, comment):
    assert run("author", "erase", comment.author_id, stdin="n\n").code == 1
    assert rows(seeded, Comment)[0].body
    assert run("author", "erase", comment.author_id, "--yes").out.startswith("Erased: 1 comments")
    assert rows(seeded, Comment)[0].body == ""


WRONG = [
    pytest.param(["block", "add", "nobody"], "There is no such author.", id="unknown author"),
    pytest.param(["block", "add", "@nowhere"], "domain: ", id="no domain"),
    pytest.param(["block", "add", "@bad.example", "--days", "0"], "days: ", id="no days"),
    pytest.param(["block", "add", "@bad.example", "--clause", "rude"], "clause: ", id="unknown clause"),
    pytest.param(["block", "lift", "nothing"], "There is no such block", id="unknown block"),
    pytest.param(["user", "invite", "nobody"], "email: ", id="no address"),
    pytest.param(["user", "invite", "a@b.example", "--role", "emperor"], "role: ", id="unknown role"),
    pytest.param(["user", "role", "a@b.example", "viewer"], "There is no such account", id="unknown account"),
    pytest.param(["site", "add", "The Paper", "--name", "x"], "The short name", id="no short name"),
    pytest.param(["site", "add", "asbarez", "--name", "x"], "There is a site", id="known site"),
    pytest.param(["site", "key", "nowhere"], "There is no site 'nowhere'", id="unknown site"),
    pytest.param(["site", "keys", "asbarez", "--revoke", "nothing"], "no such key", id="unknown key"),
    pytest.param(
        ["site", "endpoint", "asbarez", "https://10.0.0.1/"], "not on the public", id="inner address"
    ),
    pytest.param(
        ["site", "endpoint", "asbarez", "https://93.184.215.14/", "--event", "comment.hidden"],
        "event: ",
        id="unknown event",
    ),
    pytest.param(
        ["site", "endpoint", "asbarez", "https://93.184.215.14/", "--secret", "secret"],
        "whsec_",
        id="no secret",
    ),
    pytest.param(
        ["site", "endpoints", "asbarez", "--enable", "nothing"], "no such disabled", id="unknown endpoint"
    ),
    pytest.param(["article", "save"], "title: ", id="no headline"),
    pytest.param(
        ["article", "save", "--title", "x", "--discussion", "ajar"], "discussion: ", id="unknown state"
    ),
    pytest.param(["article", "save", "--title", "x", "--summary", "no.txt"], "no.txt", id="no such file"),
    pytest.param(["article", "close", "nowhere"], "There is no such article", id="unknown article"),
    pytest.param(
        ["comment", "review", "nowhere", "approve"], "There is no such comment", id="unknown comment"
    ),
    pytest.param(["author", "erase", "nobody", "--yes"], "There is no such author", id="unknown person"),
]


@pytest.mark.parametrize(("command", "said"), WRONG)
def test_a_wrong_command_says_what_is_wrong_and_changes_nothing(seeded, run, command, said):
    before = everything(seeded)
    ran = run(*command)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert everything(seeded) == before


def test_a_key_for_akismet_s_clients_is_twelve_digits_and_opens_nothing_else(seeded, run):
    (key,) = run("site", "key", "asbarez", "--akismet").lines
    assert len(key) == 12
    assert set(key) <= set("0123456789abcdef")
    (row,) = rows(seeded, ApiKey)
    assert (row.digest, row.scopes) == (hashlib.sha256(key.encode()).hexdigest(), ["akismet"])


def test_the_two_latest_secrets_of_a_site_s_coral_are_kept(seeded, run):
    for number in range(3):
        (address,) = run("site", "coral", "asbarez", stdin=f"empsec_0123456789abcde{number}\n").lines
        assert address.endswith("/coral/phase/asbarez")
    (site,) = rows(seeded, Site)
    assert site.coral_secrets == ["empsec_0123456789abcde2", "empsec_0123456789abcde1"]
    refused = run("site", "coral", "asbarez", stdin="short\n")
    assert refused.code != 0
    assert rows(seeded, Site)[0].coral_secrets == site.coral_secrets


def test_a_sign_on_key_is_set_listed_without_its_secret_and_revoked(seeded, run, tmp_path):
    secret = run("site", "sign-on", "asbarez", "--kid", "k1").lines[0]
    assert len(secret) >= 64
    file = tmp_path / "coral.txt"
    file.write_text("the secret that Coral has had for years\n")
    given = run("site", "sign-on", "asbarez", "--kid", "k2", "--secret-file", str(file), "--staff")
    assert given.lines == ["the secret that Coral has had for years"]
    listed = run("site", "sign-on-keys", "asbarez")
    assert [line[:2] + line[3:] for line in listed.table] == [
        ["k1", "HS256", "readers only", "in force"],
        ["k2", "HS256", "names staff", "in force"],
    ]
    assert secret not in listed.out
    assert run("site", "sign-on-keys", "asbarez", "--revoke", "k1").table[0][-1] == "revoked"
    actions = [event.action for event in rows(seeded, AuditEvent)]
    assert actions[-3:] == ["sign_on_key.set", "sign_on_key.set", "sign_on_key.revoked"]
    assert secret not in repr(everything(seeded)["audit_events"])


def test_a_site_wishes_addresses_confirmed_and_no_more(seeded, run):
    for wish, wished in (("--on", True), ("--off", False)):
        assert run("site", "confirm", "asbarez", wish).code == 0
        assert rows(seeded, Site)[0].confirms_addresses is wished


def test_a_site_is_told_where_the_embed_may_stand_and_when_discussions_close(seeded, run):
    assert run("site", "change", "asbarez").table == [
        ["origins", "none"],
        ["closes after", "never"],
        ["sets up articles", "no"],
    ]
    changed = ("--origin", "https://asbarez.com", "--origin", "https://www.asbarez.com/", "--set-up")
    assert run("site", "change", "asbarez", *changed, "--closes-after", "30").table == [
        ["origins", "https://asbarez.com,https://www.asbarez.com"],
        ["closes after", "30 days"],
        ["sets up articles", "yes"],
    ]
    assert run("site", "change", "asbarez", "--no-set-up").table[2] == ["sets up articles", "no"]
    refused = run("site", "change", "asbarez", "--origin", "*")
    assert refused.code != 0
    assert "origin" in refused.err
    (site,) = rows(seeded, Site)
    assert (site.closes_after_days, len(site.origins)) == (30, 2)


def test_an_article_closes_after_its_own_days(seeded, run):
    for given, kept in (("7", 7), ("0", 0), ("site", None)):
        assert run("article", "save", "--slug", SLUG, "--closes-after", given).code == 0
        assert rows(seeded, Article)[0].closes_after_days == kept
    assert run("article", "save", "--slug", SLUG, "--closes-after", "soon").code != 0


def test_an_author_is_made_staff(seeded, run, comment):
    assert run("author", "role", comment.author_id, "staff").lines == ["staff"]
    assert run("author", "role", comment.author_id, "queen").code != 0

"""What holds for every route, whatever is sent to it: forged tokens, SQL, fields nobody asked for, noise."""

import ast
import json
import random
from pathlib import Path

import pytest
from sqlalchemy import event

from moderation import web
from moderation.protocols import standard_webhooks
from moderation.store.tables import Table
from moderation.web import api_shapes
from tests.web import test_roles
from tests.web.conftest import CLEAN
from tests.web.test_roles import JSON_ALONE, MATRIX, WITHOUT_SESSION
from tests.workbench import everything

addresses = test_roles.addresses
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
COLUMNS = {column.name for table in Table.metadata.sorted_tables for column in table.columns}
MARK = "qzxmark"
SQL = f"{MARK}' OR 1=1 --\"`;)%_"
# What only our insides are called; no answer may say it, whatever was sent.
INSIDES = (
    "Traceback",
    "site-packages",
    ".py:",
    'File "',
    "sqlalchemy",
    "sqlite3",
    "psycopg",
    "SELECT ",
    "0x7f",
)


def test_no_change_is_made_with_the_token_of_another_session(administrator, signed_in, addresses):
    other = signed_in("administrator", "other@paper.example")
    token = other.page("/desk/").form("/sign-out").fields["csrf_token"]
    asked = [
        endpoint
        for method, endpoint in MATRIX
        if method == "POST" and not endpoint.startswith((*WITHOUT_SESSION, "embed."))
    ]
    assert len(asked) >= 60
    for endpoint in asked:
        answer = administrator.post(addresses[endpoint], data={"csrf_token": token}, headers=SAME_ORIGIN)
        assert answer.status_code == 400, endpoint


def names_read(folder: Path) -> dict[str, set[str]]:
    """By file, the names that its views read of an address or a form."""
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "getlist")
                and getattr(node.func.value, "attr", "") in ("args", "form")
                and isinstance(node.args[0], ast.Constant)
            ):
                found.setdefault(path.stem, set()).add(node.args[0].value)
    return found


def test_no_word_from_outside_becomes_sql(app, administrator, newsroom, addresses, database, log):
    """Each is sent in every part of an address and a form that is read; it stands among parameters alone."""
    said, bound = [], []

    def note(_connection, _cursor, statement, parameters, *_):
        said.append(statement)
        bound.append(repr(parameters))

    names = names_read(Path(web.__file__).parent)
    assert sum(map(len, names.values())) > 60
    token = administrator.page("/desk/").form("/sign-out").fields["csrf_token"]
    cookie = administrator.get_cookie("moderation").value
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    event.listen(database.engine, "before_cursor_execute", note)
    try:
        for method, endpoint in sorted(MATRIX):
            if endpoint in (*test_roles.ENDING, "static", "desk.stream"):  # which stays open, or is refused
                continue
            module = app.view_functions[endpoint].__module__.rpartition(".")[2]
            chosen = {"kind": "atom", "form": "csv"}  # those that must be one of a few
            arguments = {name: chosen.get(name, SQL) for name in rules[endpoint].arguments}
            with app.test_request_context():
                mine = app.url_for(endpoint, **arguments)
            given = dict.fromkeys(names.get(module, ()), SQL)
            administrator.set_cookie("moderation", cookie)  # one of these empties it
            headers = SAME_ORIGIN | (newsroom.bearer if endpoint.startswith("api.") else {})
            if method == "POST":
                for address in {mine, addresses[endpoint]}:
                    body = (
                        {"json": given}
                        if endpoint.startswith(JSON_ALONE)
                        else {"data": given | {"csrf_token": token}}
                    )
                    answer = administrator.post(address, headers=headers, **body)
                    assert answer.status_code < 500, (endpoint, log.getvalue()[-3000:])
            else:
                lists = not rules[endpoint].arguments  # where a name that is wrong hides what the others do
                for query in [given, *({name: SQL} for name in given if lists)]:
                    answer = administrator.get(addresses[endpoint], query_string=query, headers=headers)
                    assert answer.status_code < 500, (endpoint, query)
                assert administrator.get(mine, headers=headers).status_code < 500, endpoint
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert not [statement for statement in said if MARK in statement]
    assert sum(MARK in parameters for parameters in bound) > 50


def calls_of_the_api():
    """Address, a body that is taken, and its shape, for each call that changes or decides something."""
    comment = {"article": {"slug": "karabakh"}, "body": CLEAN, "author": {"name": "Ann"}}
    yield "/api/v1/comments", comment, api_shapes.CommentIn
    yield "/api/v1/batch", {"comments": [comment]}, api_shapes.BatchIn
    yield "/api/v1/check", {"body": CLEAN}, api_shapes.CheckIn
    yield "/api/v1/blocks", {"email_domain": "b.example", "clause": "spam", "days": 1}, api_shapes.BlockIn
    yield "/api/v1/blocks/check", {"email": "a@b.example"}, api_shapes.BlockedIn


def test_every_column_that_a_call_does_not_ask_for_is_refused_by_name(client, newsroom, database):
    for address, body, shape in calls_of_the_api():
        unknown = dict.fromkeys(COLUMNS - shape.model_fields.keys(), MARK)
        assert client.post(address, json=body, headers=newsroom.bearer).status_code in (200, 201, 202), (
            address
        )
        before = everything(database)
        answer = client.post(address, json=body | unknown, headers=newsroom.bearer)
        assert answer.status_code == 422, address
        assert unknown.keys() <= answer.json["errors"].keys(), address
        assert everything(database) == before, address
    nested = {
        "article": {"slug": "karabakh", "state": MARK},
        "body": CLEAN,
        "author": {"name": "A", "role": MARK},
    }
    answer = client.post("/api/v1/comments", json=nested, headers=newsroom.bearer)
    assert answer.json["errors"].keys() == {"article.state", "author.role"}


def test_every_column_that_a_webhook_does_not_ask_for_is_refused_by_name(client, newsroom, tools, database):
    secret = standard_webhooks.new_secret()
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).inbound_secrets = [secret]
    data = {
        "external_id": "c-1",
        "body": CLEAN,
        "author": {"name": "Ann"},
        "article": {"external_id": "post-1"},
    }
    unknown = COLUMNS - {"external_id", "body", "author", "article", "revision", "language", "submitted_at"}
    message = {
        "type": "comment.submitted",
        "timestamp": tools.now().isoformat(),
        "data": {"article": {"external_id": "post-1"}, "comment": data | dict.fromkeys(unknown, MARK)},
    }
    body = json.dumps(message).encode()
    before = everything(database)
    answer = client.post(
        "/hooks/standard-webhooks/paper",
        data=body,
        headers=standard_webhooks.sign("m1", tools.now(), body, secret),
    )
    assert answer.status_code in (400, 422)
    told = " ".join(answer.json["errors"])
    assert [name for name in unknown if f"comment.{name}" not in told] == []
    assert MARK not in repr(everything(database))
    assert everything(database)["comments"] == before["comments"]


def fields_of(page) -> set[str]:
    return {
        given["name"]
        for tag, given in page.tags
        if tag in ("input", "select", "textarea", "button") and "name" in given
    }


def test_a_form_sets_what_stands_on_it_and_nothing_else(client, administrator, newsroom, database):
    """Every column of every table is sent along: a comment is refused for it, at the desk none of them is written."""
    comment = {"body": CLEAN, "name": "Ann", "email": "ann@example.com", "parent": ""}
    for browser, address, ending, typed in (
        (client, "/articles/karabakh", "/comments", comment),
        (administrator, "/desk/articles/new", "/articles", {"title": "Another story", "slug": "another"}),
        (
            administrator,
            f"/desk/articles/{newsroom.article.id}",
            newsroom.article.id,
            {"title": "The same story"},
        ),
        (administrator, "/desk/blocks", "/blocks", {"domain": "spam.example", "clause": "spam", "days": "7"}),
        (
            administrator,
            "/desk/moderators",
            "/moderators/invite",
            {"email": "new@paper.example", "role": "viewer"},
        ),
    ):
        page = browser.page(address)
        form = page.form(ending)
        extra = dict.fromkeys(COLUMNS - fields_of(page) - typed.keys(), MARK)
        assert {"state", "id"} & extra.keys()
        answer = browser.post(form.action, data=form.fields | typed | extra, headers=SAME_ORIGIN)
        assert answer.status_code in ((422,) if browser is client else (200, 201, 303)), address
    assert [name for name, rows in everything(database).items() if MARK in repr(rows)] == []
    assert everything(database)["comments"] == []


def test_a_form_without_its_token_for_what_is_not_there_is_404(client, log):
    """What shows a refused form again may find that there is nothing to show it for."""
    assert client.post("/articles/nothing/comments", data={"body": CLEAN}).status_code == 404
    assert client.post("/articles/nothing/check", data={"body": CLEAN}).status_code == 404
    assert '"accident"' not in log.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "../../pyproject.toml",
        "..%2f..%2fpyproject.toml",
        "%2e%2e/%2e%2e/pyproject.toml",
        "/etc/passwd",
        ".git/config",
        "",
    ],
)
def test_no_name_in_an_address_leads_to_a_file(app, administrator, addresses, name):
    """Files are served from one folder by their own names; plots of models by a list."""
    for address in (
        f"/static/{name}",
        f"/desk/models/first/{name}",
        f"/desk/models/{name}/roc.svg",
        f"/{name}",
    ):
        answer = administrator.get(address)
        assert answer.status_code in (301, 308, 404, 405) or address == "/", address
        assert "[project]" not in answer.text + str(answer.headers)
        assert "root:" not in answer.text


def test_no_route_takes_a_method_that_it_does_not_name(client, addresses):
    """TRACE, which would repeat a cookie to a script, least of all."""
    for _, endpoint in MATRIX:
        for method in ("TRACE", "PUT"):
            status = client.open(addresses[endpoint], method=method).status_code
            assert status == 405, (method, endpoint)


def noise(seed: int) -> bytes:
    """Bytes, broken JSON, deep JSON or JSON of the wrong types."""
    draw = random.Random(seed)
    kind = seed % 4
    if kind == 0:
        return draw.randbytes(draw.randrange(200))
    if kind == 1:
        return b"[" * draw.randrange(1, 5000)
    values = [None, True, -1, 1e308, "\u202e\x1b[31m", [], {}, [[]], "x" * 3000]
    if kind == 2:
        return json.dumps({name: draw.choice(values) for name in draw.sample(sorted(COLUMNS), 6)}).encode()
    return json.dumps(
        {"body": draw.choice(values), "author": draw.choice(values), "text": draw.choice(values)}
    ).encode()


@pytest.mark.parametrize("who", ["guest", "administrator"])
def test_no_answer_tells_of_our_insides(client, request, newsroom, addresses, who, settings, log):
    browser = client if who == "guest" else request.getfixturevalue("administrator")
    secret = settings.secret_key.get_secret_value()
    for number, (method, endpoint) in enumerate(sorted(MATRIX)):
        if endpoint in test_roles.ENDING:
            continue
        seed = number + (who == "guest")
        kind = "application/json" if seed % 4 else "application/x-www-form-urlencoded"
        headers = newsroom.bearer if who == "guest" else {}
        answer = browser.open(
            addresses[endpoint], method=method, data=noise(seed), content_type=kind, headers=headers
        )
        full = endpoint == "desk.stream"  # no streams in the tests
        assert answer.status_code < 500 or full, (method, endpoint, seed, log.getvalue()[-2000:])
        if endpoint not in ("openapi.spec", "api_page.docs", "static", "embed.script"):
            told = [word for word in (*INSIDES, secret) if word in answer.text]
            assert told == [], (method, endpoint, seed)

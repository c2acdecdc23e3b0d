"""The policy room: read it, try a text, work on a draft, replay it over stored comments, publish, restore."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from moderation.engine.policy import Policy
from moderation.engine.types import Context, Submission
from moderation.errors import InvalidInput, NotFound
from moderation.services import braking, governing, replaying
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import View, blueprint, me, needs, whole_number
from moderation.web.toolbox import tools

REPLAYED = 10_000
LONGEST_TRIED = 10_000
VERDICTS = ("publish", "hold", "reject")


@blueprint.get("/policy")
@needs("read")
def policy_room() -> View:
    """Show the policy in force in words and in data, the draft, the replays and every version there was."""
    return the_room()


def the_room(**shown: Any) -> str:
    """Return the page, with what a form on it found."""
    live = tools().engine.policy
    with tools().database.read() as store:
        draft, publications = store.policies.draft(), store.policies.publications()
        replays = store.replays.latest()
        names = store.desk.moderator_names(
            [*(row.published_by for row in publications), draft.saved_by if draft else ""]
        )
        versions = store.policies.all()
    return render_template(
        "desk/policy_room.html",
        policy=live,
        refused=[*tools().engine.refused_policies.values()],
        clauses_of=sorted(live.clauses.values(), key=lambda clause: -clause.severity),
        draft=draft,
        draft_text=shown.pop("text", None) or (draft.text if draft else live.source),
        publications=publications,
        versions=versions,
        replays=replays,
        names=names,
        rules=braking.rules(tools()),
        replayed=REPLAYED,
        queue_of=replaying.queue_of,
        errors=shown.pop("errors", {}),
        typed=request.form,
        **shown,
    )


@blueprint.post("/policy/try")
@needs("write_policy")
def try_text() -> View:
    """Show what the policy in force, and the draft where there is one, would decide on a text; nothing is kept."""
    body = request.form.get("body", "")
    if not body.strip() or len(body) > LONGEST_TRIED:
        error = {"body": [gettext("Write a text of at most %(number)s characters.", number=LONGEST_TRIED)]}
        return the_room(errors=error), InvalidInput.status
    with tools().database.read() as store:
        draft = store.policies.draft()
    policies = [(gettext("The policy in force"), tools().engine.policy)]
    if draft is not None:
        policies.append((gettext("The draft"), governing.read_draft(tools(), draft.text)))
    now = tools().now()
    tried = [
        (
            name,
            policy,
            governing.engine_under(tools(), policy).decide(
                Submission(site_id="", body=body, source="check", received_at=now), Context(policy, now)
            ),
        )
        for name, policy in policies
    ]
    return the_room(tried=tried, tried_body=body)


@blueprint.post("/policy/check")
@needs("write_policy")
def check_draft() -> View:
    """Show what is wrong in a draft that is being written, or what it changes; nothing is kept."""
    text = request.form.get("text", "")
    draft, errors = read(text)
    found = governing.changes(tools(), draft) if draft else []
    if request.args.get("panel"):
        return render_template("desk/draft_panel.html", errors=errors, changes=found, draft=draft)
    return the_room(text=text, errors=errors, changes=found, checked=draft), 200 if draft else 422


def read(text: str) -> tuple[Policy | None, dict[str, list[str]]]:
    """Return the policy of a text, or what is wrong in it."""
    try:
        return governing.read_draft(tools(), text), {}
    except InvalidInput as error:
        return None, {name: [*sentences] for name, sentences in error.fields.items()}


@blueprint.post("/policy/draft")
@needs("write_policy")
def save_draft() -> View:
    """Keep the draft; one that does not hold is given back with what is wrong."""
    text = request.form.get("text", "")
    try:
        draft = governing.save_draft(tools(), text, me().id, current_request_id())
    except InvalidInput as error:
        return the_room(text=text, errors=error.fields), error.status
    flash(
        gettext(
            "The draft is kept as version %(version)s. Nothing is decided by it yet.", version=draft.version
        )
    )
    return redirect(url_for("desk.policy_room"), 303)


def the_draft() -> Policy:
    """Return the draft that is kept, or raise."""
    with tools().database.read() as store:
        draft = store.policies.draft()
    if draft is None:
        raise NotFound("There is no draft. Save one first.")
    return governing.read_draft(tools(), draft.text)


@blueprint.post("/policy/golden")
@needs("write_policy")
def run_golden() -> View:
    """Show which golden decisions the draft turns."""
    return the_room(golden=governing.golden(tools(), the_draft()))


@blueprint.post("/policy/replays")
@needs("write_policy")
def start_replay() -> View:
    """Begin to replay the draft over the last comments; a process in the background goes on."""
    try:
        replay_id = replaying.start(
            tools(),
            the_draft(),
            whole_number(request.form.get("number", "")),
            me().id,
            current_request_id(),
            second_stage=request.form.get("second") == "yes",
        )
    except InvalidInput as error:
        return the_room(errors=dict(error.fields) or {"number": [str(error)]}), error.status
    return redirect(url_for("desk.replay", replay_id=replay_id), 303)


@blueprint.get("/policy/replays/<replay_id>")
@needs("read")
def replay(replay_id: str) -> View:
    """Show how far a replay is and what it found; until it is over the page asks again by itself."""
    with tools().database.read() as store:
        found = store.replays.get(replay_id)
    if found is None:
        raise NotFound("There is no such replay.")
    page = render_template(
        "desk/replay.html",
        replay=found,
        queue=replaying.queue_of(found.result),
        verdicts=VERDICTS,
        most_attempts=replaying.ATTEMPTS,
    )
    if found.state != "running":
        return page
    answer = make_response(page)
    answer.headers["Refresh"] = "3"
    return answer


@blueprint.post("/policy/publish")
@needs("publish_policy")
def publish_draft() -> View:
    """Put the draft in force, with the reason that is given."""
    try:
        policy = governing.publish(
            tools(), the_draft().source, request.form.get("reason", ""), me().id, current_request_id()
        )
    except InvalidInput as error:
        return the_room(errors=error.fields), error.status
    flash(gettext("Version %(version)s is in force.", version=policy.version))
    return redirect(url_for("desk.policy_room"), 303)


@blueprint.get("/policy/versions/<version>")
@needs("read")
def policy_version(version: str) -> View:
    """Show a policy that decided once, and what differs from the one in force."""
    with tools().database.read() as store:
        found = store.policies.get(version)
        publications = [row for row in store.policies.publications() if row.version == version]
    if found is None:
        raise NotFound("There is no such version of the policy.")
    policy, errors = read(found.text)
    return render_template(
        "desk/policy_version.html",
        version=found,
        publications=publications,
        changes=governing.changes(tools(), policy) if policy else [],
        holds_no_more=errors,
        in_force=tools().engine.policy.version == version,
        errors={},
    )


@blueprint.post("/policy/versions/<version>/restore")
@needs("publish_policy")
def restore_policy(version: str) -> View:
    """Put an old policy in force again."""
    policy = governing.restore(
        tools(), version, request.form.get("reason", ""), me().id, current_request_id()
    )
    flash(gettext("Version %(version)s is in force again.", version=policy.version))
    return redirect(url_for("desk.policy_room"), 303)

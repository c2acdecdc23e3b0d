"""Who has what in hand, who is at the desk, and what colleagues decided: by a stream, or asked for every few seconds.

A stream holds one of the server's threads. So there are few of them in a process (`MODERATION_LIVE_STREAMS`), each
ends by itself after a while, and a browser that gets none asks instead.
"""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Response, jsonify, request

from moderation.services import Tools, claiming
from moderation.store.tables import Moderator
from moderation.telemetry import current_request_id
from moderation.web.desk.blueprint import View, blueprint, me, needs
from moderation.web.toolbox import tools

RECENT = timedelta(seconds=40)  # longer than any pause between two looks, so that nothing is missed
LONGEST = 30.0  # seconds; then the browser opens another, and is asked anew who it is
PAUSE = 1.5

_streams_open = 0
_counting = threading.Lock()


def news(tools: Tools, moderator: Moderator) -> dict[str, Any]:
    """Return what a moderator's page must know of colleagues: ids, names, and what waits; no word of a reader."""
    now = tools.now()
    with tools.database.read() as store:
        steps = [step for step in store.steps.last(limit=100) if step.at >= now - RECENT]
        claims = store.claims.in_force(now)
        present = store.moderators.present(now - claiming.PRESENT)
        names = store.desk.moderator_names([step.by for step in steps])
        held = store.desk.counts().get("held", 0)
    return {
        "held": held,
        "present": [other.name for other in present if other.id != moderator.id],
        "taken": {claim.comment_id: claim.name for claim in claims if claim.moderator_id != moderator.id},
        "steps": [
            {
                "id": step.id,
                "comment": step.comment_id,
                "action": step.action,
                "undone": step.undone_at is not None,
                "by": names.get(step.by, ""),
            }
            for step in steps
            if step.comment_id and step.by != moderator.id
        ],
    }


@blueprint.post("/claims")
@needs("decide")
def claim() -> View:
    """Take comments in hand, and be known to be here."""
    mine, until = claiming.claim(tools(), request.form.getlist("comment"), me())
    return jsonify(mine=mine, until=until.isoformat())


@blueprint.get("/live")
@needs("read")
def live() -> View:
    """Give the news once, for a browser that asks again after some seconds."""
    return jsonify(news(tools(), me()))


@blueprint.get("/stream")
@needs("read")
def stream() -> View:
    """Give the news as server-sent events while a stream is free; 503 says to ask instead."""
    if not _open_one(tools().settings.live_streams):
        return Response("", 503, {"Retry-After": "30"})
    answer = Response(_events(tools(), me()), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"  # a proxy that collects would show nothing until the end
    answer.call_on_close(_close_one)
    return answer


def _events(tools: Tools, moderator: Moderator) -> Iterator[str]:
    until, told = time.monotonic() + LONGEST, ""
    yield f"retry: 1000\n: {current_request_id()}\n\n"
    while time.monotonic() < until:
        now = json.dumps(news(tools, moderator))
        yield f"data: {now}\n\n" if now != told else ": nothing new\n\n"  # either finds out who has gone
        told = now
        time.sleep(PAUSE)


def _open_one(most: int) -> bool:
    global _streams_open  # noqa: PLW0603  one count in a process
    with _counting:
        if _streams_open >= most:
            return False
        _streams_open += 1
        return True


def _close_one() -> None:
    global _streams_open  # noqa: PLW0603
    with _counting:
        _streams_open -= 1

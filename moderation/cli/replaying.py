"""A replay at the terminal: its progress and what it found."""

import time
from collections.abc import Iterator
from pathlib import Path

from rich.progress import track

from moderation.bootstrap.engine import build_engine, build_first_stage
from moderation.cli.serving import ready_tools
from moderation.errors import Conflict, InvalidInput, NotFound
from moderation.services import Tools, governing, replaying
from moderation.store.tables import Replay


def replay(draft: Path | None, last: int, resume: str, processes: int) -> None:
    """Run a new replay of a draft, or go on with one, and print what it found."""
    tools = ready_tools()
    if draft is not None:
        try:
            text = draft.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{draft}: cannot be read. Name a policy file that exists.") from error
        resume = replaying.start(tools, governing.read_draft(tools, text), last, "cli")
    elif not resume:
        raise InvalidInput("Name a draft, or a replay with --resume.")
    print(f"Replay {resume}", flush=True)
    with tools.database.read() as store:
        found = store.replays.get(resume)
    if found is None:
        raise NotFound("There is no such replay.")
    begun, before = time.perf_counter(), found.done
    if found.state == "running":
        places = _places(tools, found, processes)
        for _ in track(places, "Deciding", total=found.total - before):
            pass
    with tools.database.read() as store:
        found = store.replays.get(resume)
    assert found is not None
    if found.state != "done":
        raise Conflict("Another process has this replay in hand. Wait two minutes after it was killed.")
    took = time.perf_counter() - begun
    _show(found)
    if found.done > before:
        print(f"{found.done - before} comments in {took:.1f} s, {(found.done - before) / took:.0f} a second")


def _places(tools: Tools, begun: Replay, processes: int) -> Iterator[int]:
    """Yield once for each comment that is done."""
    done = begun.done
    build = build_engine if begun.second_stage else build_first_stage
    for step in replaying.run(tools, begun.id, build, processes=processes):
        yield from range(step.done - done)
        done = step.done


def _show(found: Replay) -> None:
    result = found.result
    queue = replaying.queue_of(result)
    print(f"{found.live_version} -> {found.draft_version}: {found.done} comments")
    for change, said in sorted(result.get("moderators", {}).items()):
        moderators = ", ".join(f"{name} {number}" for name, number in sorted(said.items()))
        print(f"{change.replace('>', ' -> ')}: {sum(said.values())} (moderators: {moderators})")
    print(f"held: {queue.before} -> {queue.after}\ndigest {result.get('digest', '-')}")

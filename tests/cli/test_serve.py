"""What `moderation serve` has left behind when it becomes the process that starts the others."""

import weakref

from moderation.cli import serving
from tests.workbench import Clock, Receiver, tools_over


def test_no_engine_lives_on_in_the_process_that_forks(run, monkeypatch, engine, seeded):
    """The threads of a model's session end with a fork, and a process that tidies the session up then is aborted."""
    built, alive = [], []

    def build(_settings):
        tools = tools_over(seeded, engine, Clock(), Receiver())
        built.append(weakref.ref(tools))
        return tools

    class Server:
        def __init__(self, *_):
            pass

        def run(self):
            alive.extend(one for one in built if one() is not None)

    monkeypatch.setattr(serving, "build_tools", build)
    monkeypatch.setattr(serving, "_Server", Server)
    ran = run("serve", "--seed")
    assert (ran.code, len(built), alive) == (0, 1, [])
    assert "Article " in ran.out

"""The desk: where moderators read and decide.

queue.py     the queue, one comment, a decision          people.py      one author
articles.py  articles and their discussions              moderators.py  who may sign in
records.py   audit log, deliveries given up              blocks.py      the block list
appeals.py   appeals and their answers                   reports.py     comments that readers reported
steps.py     what was done, and its undoing              live.py        claims, who is there, what changes meanwhile
bulk.py      one action on many comments                 pins.py        comments pinned to the top
rewording.py what the check before posting led to        blueprint.py   what all pages of the desk share
policy_room.py the policy, drafts, replays, versions     figures.py     figures and the monthly report
learning_room.py models in use and candidates            second_look.py decisions judged again, blind
alerts.py    what editors were told of                   account.py    one's own password, second factor, sessions
"""

from moderation.web.desk import (
    account,
    alerts,
    appeals,
    articles,
    blocks,
    bulk,
    figures,
    learning_room,
    live,
    moderators,
    people,
    pins,
    policy_room,
    queue,
    records,
    reports,
    rewording,
    second_look,
    steps,
)
from moderation.web.desk.blueprint import blueprint

__all__ = [
    "account",
    "alerts",
    "appeals",
    "articles",
    "blocks",
    "blueprint",
    "bulk",
    "figures",
    "learning_room",
    "live",
    "moderators",
    "people",
    "pins",
    "policy_room",
    "queue",
    "records",
    "reports",
    "rewording",
    "second_look",
    "steps",
]

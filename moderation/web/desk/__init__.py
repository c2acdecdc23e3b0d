"""The desk: where moderators read and decide.

queue.py     the queue, one comment, a decision          people.py      one author
articles.py  articles and their discussions              moderators.py  who may sign in
records.py   audit log, deliveries given up              blocks.py      the block list
appeals.py   appeals and their answers                   reports.py     comments that readers reported
rewording.py what the check before posting led to        blueprint.py   what all pages of the desk share
policy_room.py the policy, drafts, replays, versions     figures.py     figures and the monthly report
learning_room.py models in use and candidates            second_look.py decisions judged again, blind
alerts.py    what editors were told of
"""

from moderation.web.desk import (
    alerts,
    appeals,
    articles,
    blocks,
    figures,
    learning_room,
    moderators,
    people,
    pins,
    policy_room,
    queue,
    records,
    reports,
    rewording,
    second_look,
)
from moderation.web.desk.blueprint import blueprint

__all__ = [
    "alerts",
    "appeals",
    "articles",
    "blocks",
    "blueprint",
    "figures",
    "learning_room",
    "moderators",
    "people",
    "pins",
    "policy_room",
    "queue",
    "records",
    "reports",
    "rewording",
    "second_look",
]

"""The desk: where moderators read and decide.

queue.py     the queue, one comment, a decision          people.py      one author
articles.py  articles and their discussions              moderators.py  who may sign in
records.py   audit log, deliveries given up              blocks.py      the block list
appeals.py   appeals and their answers                   reports.py     comments that readers reported
steps.py     what was done, and its undoing              live.py        claims, who is there, what changes meanwhile
bulk.py      one action on many comments                 pins.py        comments pinned to the top
rewording.py what the check before posting led to        blueprint.py   what all pages of the desk share
"""

from moderation.web.desk import (
    appeals,
    articles,
    blocks,
    bulk,
    live,
    moderators,
    people,
    pins,
    queue,
    records,
    reports,
    rewording,
    steps,
)
from moderation.web.desk.blueprint import blueprint

__all__ = [
    "appeals",
    "articles",
    "blocks",
    "blueprint",
    "bulk",
    "live",
    "moderators",
    "people",
    "pins",
    "queue",
    "records",
    "reports",
    "rewording",
    "steps",
]

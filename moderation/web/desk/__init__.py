"""The desk: where moderators read and decide.

queue.py     the queue, one comment, a decision          people.py      one author
articles.py  articles and their discussions              moderators.py  who may sign in
records.py   audit log, deliveries given up              blocks.py      the block list
appeals.py   appeals and their answers                   reports.py     comments that readers reported
rewording.py what the check before posting led to        blueprint.py   what all pages of the desk share
"""

from moderation.web.desk import (
    appeals,
    articles,
    blocks,
    moderators,
    people,
    pins,
    queue,
    records,
    reports,
    rewording,
)
from moderation.web.desk.blueprint import blueprint

__all__ = [
    "appeals",
    "articles",
    "blocks",
    "blueprint",
    "moderators",
    "people",
    "pins",
    "queue",
    "records",
    "reports",
    "rewording",
]

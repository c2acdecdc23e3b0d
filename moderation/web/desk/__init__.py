"""The desk: where moderators read and decide.

queue.py     the queue, one comment, a decision          people.py      one author, the block list
articles.py  articles and their discussions              moderators.py  who may sign in
records.py   audit log, deliveries given up              rewording.py   what the check before posting led to
blueprint.py what all pages of the desk share
"""

from moderation.web.desk import articles, moderators, people, queue, records, rewording
from moderation.web.desk.blueprint import blueprint

__all__ = ["articles", "blueprint", "moderators", "people", "pins", "queue", "records", "rewording"]

"""What people do: each file is one activity, each function one thing done in one transaction.

submitting   a comment comes in          standing     who may write
reviewing    a moderator decides
penalising   blocks given, lifted, over  publishing   articles in, discussions opened and closed
receiving    webhooks from a CMS         delivering   events out to a CMS
admitting    moderators and their links  remembering  a person's data out, erased
appealing    a reader appeals            answering    a moderator answers an appeal
reporting    readers report comments     listing      the block list out and in
informing    penalties and answers told  appeal_links the signed way to an appeal
networks     addresses as keyed hashes
labelling    rows to learn from           learning     a candidate and the gate
promoting    which model is in force  curating     pins, and who is staff
asking       Akismet's checks and judgements
phasing      Coral asks before it stores a comment
importing    archives of other systems in  taking       their records as comments of ours
matching     its pages and persons known  redeciding   the engine over imported comments
exporting    all comments of a site out
seeding      the first site and article  addresses    e-mail addresses compared
linking      links by mail that work once confirming  an address is its writer's
signing_on   a site says who reads       naming       names that pass for staff
amending     changed, withdrawn          notifying    told of replies
mailing      mail to readers             letters      what it says
closing      days that are over           striking     points, and the ladder
repeating    a call sent again is done once
retaining    what has been kept long enough goes
backing_up   all of it in a file, and back
permissions  who may do what, one list    passwords    hashed, good enough, slow to guess
signing_in   password, then code          sessions     a row for every browser signed in
second_factor codes from a phone, codes on paper
overseeing   what waits, what is short: health and metrics
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from moderation.engine import Engine
from moderation.mail import Mailer
from moderation.safe_http import SafeClient
from moderation.settings import Settings
from moderation.store.unit_of_work import Database
from moderation.telemetry import Metrics


def utc_now() -> datetime:
    """Return the time of the wall clock in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Tools:
    """Everything a service needs, built once by `bootstrap`."""

    settings: Settings
    database: Database
    engine: Engine
    http: SafeClient
    mailer: Mailer
    metrics: Metrics
    now: Callable[[], datetime] = utc_now

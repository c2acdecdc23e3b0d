"""Editors are told: at once of what cannot wait, once a day of how the desk stands; by mail and at the desk.

A mail names ids, numbers and links and nobody's words. It is English and Armenian, for an account has no language.
"""

from datetime import timedelta

from moderation.services import Tools, permissions
from moderation.services.letters import Letter
from moderation.services.mailing import queue_mail
from moderation.store.tables import Alert
from moderation.store.unit_of_work import Store

THREAT = "threat"
_LOOKS_BACK = timedelta(days=2)  # what is older was told of, or happened before there were alerts

WORDS = {
    "threat-held": ("A threat waits for a moderator", "Սպառնալիքը սպասում է մոդերատորի"),
    "queue-old": ("The queue waits too long", "Հերթը չափազանց երկար է սպասում"),
    "rule-braked": ("A rule was sent back into shadow", "Կանոնը վերադարձվել է ստուգման ռեժիմ"),
    "delivery-given-up": ("A delivery was given up", "Առաքումը դադարեցվել է"),
    "digest": ("The desk today", "Խմբագրության օրվա ամփոփում"),
}
_PLACES = {
    "threat-held": "/desk/comments/{id}",
    "queue-old": "/desk/?order=oldest",
    "rule-braked": "/desk/policy",
    "delivery-given-up": "/desk/deliveries",
}


def place_of(alert: Alert) -> str:
    """Return the address at the desk of what an alert is about."""
    return _PLACES.get(alert.kind, "/desk/").format(id=alert.subject.partition(":")[2])


def note(tools: Tools, kind: str, subject: str) -> bool:
    """Return whether editors are told of it now; of each thing they are told once."""
    with tools.database.begin() as store:
        return _note(tools, store, kind, subject)


def _note(tools: Tools, store: Store, kind: str, subject: str, more: str = "") -> bool:
    now = tools.now()
    alert = Alert(kind=kind, subject=subject, at=now)
    if not store.alerts.add(alert):
        return False
    title, title_hy = WORDS[kind]
    link = tools.settings.base_url.rstrip("/") + place_of(alert)
    letter = Letter(f"{title} / {title_hy}", f"{title}.\n{title_hy}։\n\n{more}{link}\n")
    site = next(iter(store.sites.all()), None)
    for editor in store.alerts.editors(permissions.roles_with("hear_alerts")) if site is not None else ():
        assert site is not None
        queue_mail(
            tools,
            store,
            letter,
            site_id=site.id,
            author_id=None,
            kind=f"alert.{kind}",
            to=editor.email,
            now=now,
        )
        alert.mails += 1
    store.audit.append(
        at=now, actor="clock", action=f"alert.{kind}", subject=subject, detail={"mails": alert.mails}
    )
    return True


def look(tools: Tools) -> int:
    """Return of how many things editors are told now: threats held, a queue too old, deliveries given up, the digest."""
    now, hours = tools.now(), tools.settings.queue_alert_hours
    since = now - _LOOKS_BACK
    with tools.database.read() as store:
        found = [("threat-held", f"comment:{id_}") for id_ in store.alerts.held_threats(THREAT, since)]
        found += [("delivery-given-up", f"delivery:{id_}") for id_ in store.alerts.given_up(since)]
        oldest = store.desk.oldest_held()
        if oldest is not None and now - oldest > timedelta(hours=hours):
            found.append(("queue-old", f"day:{now:%Y-%m-%d}"))  # once a day, as long as it is so
        found = [one for one in found if not store.alerts.is_known(*one)]
        digest_due = now.hour >= tools.settings.digest_hour and not store.alerts.is_known(
            "digest", f"day:{now:%Y-%m-%d}"
        )
    told = sum(note(tools, kind, subject) for kind, subject in found)
    if digest_due:
        with tools.database.begin() as store:
            told += _note(tools, store, "digest", f"day:{now:%Y-%m-%d}", _digest(tools, store))
    return told


def _digest(tools: Tools, store: Store) -> str:
    """Return the numbers of the desk and of the last day, one a line, in both languages."""
    now = tools.now()
    day = store.figures.by_day(now - timedelta(days=1), now + timedelta(seconds=1))
    first = {
        verdict: sum(counted.get(verdict, 0) for counted in day.values())
        for verdict in ("publish", "hold", "reject")
    }
    lines = [
        ("Waiting for a moderator", "Սպասում են մոդերատորի", store.desk.counts().get("held", 0)),
        ("Open appeals", "Բաց բողոքարկումներ", store.appeals.count_open()),
        ("Reported by readers", "Ընթերցողների բողոքներ", store.reports.count_waiting()),
        ("Deliveries given up", "Դադարեցված առաքումներ", store.desk.given_up_count()),
        ("Published in the last day", "Հրապարակվել են վերջին օրում", first["publish"]),
        ("Held in the last day", "Պահվել են վերջին օրում", first["hold"]),
        ("Not permitted in the last day", "Չեն թույլատրվել վերջին օրում", first["reject"]),
    ]
    return "".join(f"{english} / {armenian}: {number}\n" for english, armenian, number in lines) + "\n"

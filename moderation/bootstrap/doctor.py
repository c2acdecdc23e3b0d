"""What is wrong with an installation, and what to do: each check looks at the real thing, and none changes anything."""

import importlib
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from moderation.bootstrap.engine import build_engine
from moderation.engine import Engine
from moderation.engine.types import Context, Submission
from moderation.errors import DatabaseAway, InvalidInput, Misconfigured, ModerationError
from moderation.mail import SmtpMailer, mailer_for
from moderation.safe_http import SafeClient
from moderation.services import Tools, overseeing, utc_now
from moderation.services.governing import adopt_published
from moderation.settings import DEVELOPMENT_SECRET, Settings, read_settings
from moderation.store.unit_of_work import Database
from moderation.telemetry import Metrics

State = Literal["ok", "warning", "fault"]
_MB = 1024 * 1024
_FEWEST_LETTERS = 12  # different ones in a secret that nobody made up by hand
_SHORTEST_TOKEN = 16
_AHEAD = 120.0  # seconds a stored comment, or the database's clock, may be ahead of ours
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before this version was written is wrong
_SLOW_MS = 1000.0  # for one comment, models warm
_DOCTORS_WORDS = "Այս ճանապարհը լավն է։"  # not English, so that the second stage is asked


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; a remedy stands with everything that is not ok."""

    check: str
    state: State
    says: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Yield what the checks find, in an order in which later ones rest on earlier ones."""
    try:
        settings = read_settings()
    except Misconfigured as error:
        yield Finding("settings", "fault", *_halves(str(error)))
        return
    yield Finding("settings", "ok", f"read, for {settings.environment}")
    for check in (_secret, _address, _proxies, _token, _disks, _mail, _redis):
        yield from check(settings)
    engine = None
    try:
        asked: list[int] = []
        engine = build_engine(settings, on_asked=asked.append)
    except ModerationError as error:
        yield Finding("policy" if error.code == "policy-invalid" else "models", "fault", *_halves(str(error)))
    else:
        yield from _engine(engine, asked)
    yield from _database(settings, engine)


def _halves(sentence: str) -> tuple[str, str]:
    """Return what our errors say, reason and remedy, apart."""
    reason, _, remedy = sentence.partition(". ")
    return reason.rstrip("."), remedy or "Correct it."


def _secret(settings: Settings) -> Iterator[Finding]:
    secret = settings.secret_key.get_secret_value()
    remedy = (
        'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))". It ends sessions and links.'
    )
    if secret == DEVELOPMENT_SECRET:
        yield Finding("secret", "warning", "MODERATION_SECRET_KEY is the one everybody knows", remedy)
    elif len({*secret}) < _FEWEST_LETTERS:
        state: State = "fault" if settings.environment == "production" else "warning"
        yield Finding(
            "secret", state, f"MODERATION_SECRET_KEY has {len({*secret})} different characters", remedy
        )
    else:
        yield Finding("secret", "ok", "set, and long enough")


def _address(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.base_url)
    production = settings.environment == "production"
    if production and parts.scheme != "https":
        yield Finding(
            "base_url",
            "fault",
            "MODERATION_BASE_URL is not https, and browsers send our cookies over https alone",
            "Set the https:// address that readers use.",
        )
    elif production and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        yield Finding(
            "base_url",
            "warning",
            "MODERATION_BASE_URL is this machine, so links in mail lead nowhere",
            "Set the address that readers use.",
        )
    elif not production and parts.scheme == "https":
        yield Finding(
            "base_url",
            "warning",
            "MODERATION_BASE_URL is https, but cookies are not kept to https in development",
            "Set MODERATION_ENVIRONMENT=production.",
        )
    else:
        yield Finding("base_url", "ok", settings.base_url)


def _proxies(settings: Settings) -> Iterator[Finding]:
    open_to_all = settings.host not in ("127.0.0.1", "localhost", "::1")
    if settings.base_url.startswith("https://") and not settings.trusted_proxies:
        yield Finding(
            "proxies",
            "warning",
            "readers come through a proxy (https), and none is trusted: all of them have the proxy's address, share one "
            "rate limit and one block",
            "Set MODERATION_TRUSTED_PROXIES to the number of proxies before the service.",
        )
    elif settings.trusted_proxies and open_to_all:
        yield Finding(
            "proxies",
            "warning",
            f"the service listens on {settings.host} and believes X-Forwarded-For: who reaches the port can name any address",
            "Listen on 127.0.0.1, or let only the proxy reach the port.",
        )
    else:
        yield Finding("proxies", "ok", f"{settings.trusted_proxies} trusted")


def _token(settings: Settings) -> Iterator[Finding]:
    token = settings.health_token.get_secret_value()
    if token and len(token) < _SHORTEST_TOKEN:
        yield Finding(
            "health_token",
            "warning",
            f"MODERATION_HEALTH_TOKEN has fewer than {_SHORTEST_TOKEN} characters",
            "Set a longer one.",
        )


def _disks(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database_url)
    folders = {"database": database.folder, "models": settings.learned_dir}
    database.dispose()
    for name, folder in folders.items():
        if folder is None or not folder.is_dir():
            continue
        free = shutil.disk_usage(folder).free // _MB
        state: State = "ok"
        if free < settings.disk_warning_mb:
            state = "fault" if free < settings.disk_warning_mb // 10 else "warning"
        remedy = (
            ""
            if state == "ok"
            else "Make room, or move the folder to a larger disk; a full one stores nothing."
        )
        yield Finding(f"disk of {name}", state, f"{free} MB free", remedy)


def _mail(settings: Settings) -> Iterator[Finding]:
    try:
        mailer = mailer_for(settings.smtp_url, settings.mail_from)
        if isinstance(mailer, SmtpMailer):
            mailer.check()
    except Misconfigured as error:
        yield Finding("mail", "fault", *_halves(str(error)))
    except ModerationError as error:
        yield Finding(
            "mail",
            "fault",
            f"the mail server cannot be used ({error.private.get('kind')})",
            "Check MODERATION_SMTP_URL: host, port, name and password, and the server's certificate.",
        )
    else:
        if isinstance(mailer, SmtpMailer):
            yield Finding("mail", "ok", "the server answers and takes our name")
        elif settings.environment == "production":
            yield Finding("mail", "warning", "mail is printed, not sent", "Set MODERATION_SMTP_URL.")
        else:
            yield Finding("mail", "ok", "printed on the console")


def _redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url:
        return
    try:
        redis = importlib.import_module("redis")
    except ModuleNotFoundError:
        yield Finding("redis", "fault", "the package redis is not installed", "Install moderation[queue].")
        return
    try:
        client = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=2)
        client.ping()
    except (redis.RedisError, ValueError) as error:
        yield Finding(
            "redis",
            "fault",
            f"does not answer ({type(error).__name__})",
            "Start it, or correct MODERATION_REDIS_URL. Until then each process counts rate limits for itself.",
        )
    else:
        yield Finding("redis", "ok", "answers")


def _engine(engine: Engine, asked: Sequence[int]) -> Iterator[Finding]:
    yield Finding("policy", "ok", f"version {engine.policy.version}, {len(engine.policy.clauses)} clauses")
    yield Finding("lexicon", "ok", f"{len(engine.policy.lexicon.entries)} entries")
    for version in engine.models.refused:
        yield Finding(
            "models",
            "warning",
            f"{version} was promoted and does not hold; an earlier one decides",
            "Train it again, or `moderation model rollback`.",
        )
    yield Finding("models", "ok", ", ".join(engine.model_versions.values()) + ", digests hold")
    failures: list[str] = []
    trial = Engine(engine.policy, engine.scorers, engine.detectors, lambda name, _: failures.append(name))
    now = utc_now()
    took = 0.0
    for _ in range(2):  # the first time what is read late is read
        began = time.perf_counter()
        trial.decide(
            Submission(site_id="doctor", body=_DOCTORS_WORDS, received_at=now),
            Context(policy=engine.policy, now=now),
        )
        took = 1000 * (time.perf_counter() - began)
    if failures:
        yield Finding(
            "deciding",
            "fault",
            f"{', '.join(sorted({*failures}))} failed on a sentence; every comment would be held",
            "See the log, and put back the files of the model or rule.",
        )
    elif took > _SLOW_MS:
        yield Finding(
            "deciding", "warning", f"{took:.0f} ms for a sentence", "Look what else keeps the processor busy."
        )
    else:
        yield Finding("deciding", "ok", f"{took:.0f} ms for a sentence")
    if not asked:
        yield Finding(
            "second stage",
            "warning",
            "no model reads what is not English, and none is asked where the first is unsure",
            "Put the shipped models/second back into MODERATION_MODELS_DIR.",
        )


def _database(settings: Settings, engine: Engine | None) -> Iterator[Finding]:
    file = _missing_file(settings)
    if file is not None:
        yield Finding(
            "database", "fault", f"{file} is not there", "Run `moderation db upgrade`, which makes it."
        )
        return
    database = Database(settings.database_url, wait_seconds=2.0)
    try:
        yield from _stored(settings, database, engine)
    except DatabaseAway as error:
        yield Finding(
            "database",
            "fault",
            f"cannot be used ({error.private.get('cause', error.code)})",
            "Start it, or correct MODERATION_DATABASE_URL.",
        )
    finally:
        database.dispose()


def _missing_file(settings: Settings) -> Path | None:
    scheme, _, path = settings.database_url.partition(":///")
    file = Path(path.partition("?")[0])
    sqlite = scheme.startswith("sqlite") and path and not path.startswith((":memory:", "file:"))
    return file if sqlite and not file.exists() else None


def _stored(settings: Settings, database: Database, engine: Engine | None) -> Iterator[Finding]:
    if not database.is_current():
        yield Finding(
            "database", "fault", "its schema is not that of this version", "Run `moderation db upgrade`."
        )
        return
    yield Finding("database", "ok", "answers, and its schema is current")
    now = utc_now()
    found = database.condition(now)
    if found.unwritable:
        yield Finding(
            "writing",
            "fault",
            f"nothing can be written ({found.unwritable})",
            "Give the service the right to write to the database, its folder and its disk.",
        )
    else:
        yield Finding("writing", "ok", "a write was tried and taken back")
    for name, (value, wanted) in found.otherwise.items():
        yield Finding(
            "durability",
            "fault",
            f"{name} is {value}, not {wanted}: what was acknowledged may be lost or not be gone",
            "Put the file on a local disk." if database.folder else f"Set {name} = {wanted} on the server.",
        )
    if not found.otherwise:
        yield Finding("durability", "ok", "what is acknowledged is on the disk")
    if found.ahead > _AHEAD or now < _EARLIEST:
        yield Finding(
            "clock",
            "fault",
            f"this machine's clock is {found.ahead:.0f} s behind what is stored"
            if now >= _EARLIEST
            else f"it is {now:%Y}?",
            "Set it, and let NTP keep it: blocks, links and signatures go by it.",
        )
    else:
        yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")
    with database.read() as store:
        outbox, given_up = store.outbox.backlog(now), store.desk.given_up_count()
        broken = store.audit.verify()
    yield from _receivers(outbox.disabled_endpoints, given_up)
    if outbox.due_since is not None and now - outbox.due_since > overseeing.STALLED:
        minutes = (now - outbox.due_since).total_seconds() / 60
        yield Finding(
            "deliveries",
            "fault",
            f"an event is due for {minutes:.0f} minutes, and nobody takes it",
            "Start `moderation serve` or `moderation worker`.",
        )
    else:
        yield Finding("deliveries", "ok", f"{outbox.waiting} waiting")
    if broken:
        yield Finding(
            "audit log",
            "fault",
            f"its chain is broken at {', '.join(map(str, broken[:5]))}",
            "Somebody changed the log outside of the service: compare it with a backup.",
        )
    else:
        yield Finding("audit log", "ok", "its chain is whole")
    if engine is not None:
        yield from _published(settings, database, engine)


def _receivers(disabled: int, given_up: int) -> Iterator[Finding]:
    if disabled:
        yield Finding(
            "receivers",
            "warning",
            f"{disabled} disabled: they answered 410 Gone, or somebody switched them off",
            "See `moderation site endpoints`.",
        )
    if given_up:
        yield Finding(
            "receivers",
            "warning",
            f"{given_up} events were given up",
            "Mend the receiver, then send them again at /desk/deliveries.",
        )
    if not disabled and not given_up:
        yield Finding("receivers", "ok", "none disabled, nothing given up")


def _published(settings: Settings, database: Database, engine: Engine) -> Iterator[Finding]:
    tools = Tools(
        settings=settings,
        database=database,
        engine=engine,
        http=SafeClient(allow_private=False),
        mailer=mailer_for("", settings.mail_from),
        metrics=Metrics(),
    )
    try:
        since = adopt_published(tools)
    except InvalidInput as error:
        yield Finding(
            "published policy",
            "fault",
            " ".join(error.fields.get("text", [])) or str(error),
            "Put back the words beside the policy, or publish one that fits them.",
        )
    else:
        said = f"{engine.policy.version}, since {since:%Y-%m-%d}" if since else "none; the file's decides"
        yield Finding("published policy", "ok", said)

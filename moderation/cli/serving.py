"""Commands for whoever runs the service."""

import gc
import importlib
from collections.abc import Callable
from typing import Annotated, Any

import typer
from gunicorn.app.base import BaseApplication

from moderation.bootstrap.tools import build_tools, reload_policy
from moderation.errors import Misconfigured
from moderation.services import Tools
from moderation.services.admitting import first_administrator_link
from moderation.services.seeding import seed as seed_site
from moderation.settings import Settings, read_settings
from moderation.store import copying
from moderation.store.unit_of_work import Database
from moderation.worker import start_threads, start_watching

database = typer.Typer(no_args_is_help=True, help="The database.")
audit = typer.Typer(no_args_is_help=True, help="The audit log.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)
    app.command()(worker)
    app.command()(seed)
    app.command(name="settings")(show_settings)
    app.add_typer(database, name="db")
    app.add_typer(audit, name="audit")


def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of each.")] = 8,
    background: Annotated[
        bool,
        typer.Option(help="Deliver and do what falls due as well; without, `moderation worker` must run."),
    ] = True,
    seed: Annotated[
        bool, typer.Option("--seed", help="First make the site and its article of seeds/.")
    ] = False,
) -> None:
    """Bring the database up to date and serve; deliveries leave from threads of each process, or from a worker."""
    settings = read_settings()
    tools = build_tools(settings)
    tools.database.upgrade()
    if seed:
        article = seed_site(tools)
        print(f"Article  {settings.base_url}/articles/{article.slug}")
    print(f"Desk     {settings.base_url}/desk")
    token = first_administrator_link(tools)
    if token:
        print(f"First administrator: open {settings.base_url}/desk/welcome/{token}", flush=True)
    tools.database.dispose()  # each process opens its own connections
    _Server(settings, workers, threads, start_threads if background else start_watching).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn with our settings; the application is named by its import string, for it lies in another layer."""

    def __init__(
        self, settings: Settings, workers: int, threads: int, beside: Callable[[Tools], object]
    ) -> None:
        self._settings, self._beside = settings, beside
        self._workers, self._threads = workers, threads
        super().__init__()

    def load_config(self) -> None:
        """Set what gunicorn would else read from its own files."""
        for name, value in {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": self._workers,
            "threads": self._threads,
            "worker_class": "gthread",
            "loglevel": "warning",
            "post_worker_init": self._start_beside,
            "forwarded_allow_ips": "",  # ProxyFix reads X-Forwarded-*, as far as trusted_proxies says
            "timeout": 60,
            "graceful_timeout": 20,
            # A request line and headers longer than this are no reader's.
            "limit_request_line": 8190,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application, built in the process that serves it."""
        return importlib.import_module("moderation.web").create_app()

    def _start_beside(self, process: Any) -> None:
        gc.freeze()  # engine and models stay: to look through them for garbage makes whoever asks then wait 0.2 seconds
        self._beside(process.wsgi.extensions["moderation.tools"])


def worker(
    celery: Annotated[
        bool, typer.Option("--celery", help="Share the work with other hosts over MODERATION_REDIS_URL.")
    ] = False,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="Processes for each queue, with --celery.")
    ] = 2,
    queues: Annotated[
        str,
        typer.Option(help="What they do, with --celery: quick, slow (replays, imports looked over) or both."),
    ] = "quick,slow",
) -> None:
    """Deliver, mail, record what is over, carry out bulk actions and replays, in a process of its own or in many."""
    if celery:
        raise typer.Exit(_work_with_celery(queues.split(","), processes))
    stop = start_threads(ready_tools())
    try:
        stop.wait()
    except KeyboardInterrupt:
        stop.set()


def _work_with_celery(queues: list[str], processes: int) -> int:
    settings = read_settings()
    if not settings.redis_url:
        raise Misconfigured("MODERATION_REDIS_URL: is empty. Name the Redis that the hosts share.")
    try:
        from moderation import tasks  # noqa: PLC0415  only where several hosts share the work
    except ModuleNotFoundError as error:
        raise Misconfigured(f"{error.name} is not installed here. Install moderation[queue].") from error
    if not {*queues} <= {*tasks.QUEUES}:
        raise Misconfigured(f"--queues: name {' or '.join(tasks.QUEUES)}, or both with a comma between.")
    database = Database(settings.database_url)  # no engine: nothing that has threads may be there at the fork
    _must_be_current(database)
    database.dispose()
    return tasks.run_workers(settings, queues, processes)


def seed() -> None:
    """Make the site and its article of seeds/, if they are not there."""
    tools = build_tools(read_settings())
    tools.database.upgrade()
    article = seed_site(tools)
    print(f"{tools.settings.base_url}/articles/{article.slug}")


def show_settings() -> None:
    """Print every setting with its value, secrets masked."""
    settings = read_settings()
    for name, field in Settings.model_fields.items():
        shown = _masked(getattr(settings, name), name)
        print(
            f"MODERATION_{name.upper()}={shown}" + (f"    # {field.description}" if field.description else "")
        )


def _masked(value: object, name: str) -> str:
    if name.endswith("_url") and "@" in str(value):
        scheme, _, rest = str(value).partition("://")
        return f"{scheme}://***@{rest.rpartition('@')[2]}"
    return str(value)


@database.command()
def upgrade() -> None:
    """Bring the schema up to date."""
    tools = build_tools(read_settings())
    tools.database.upgrade()
    print("The database is up to date.")


@database.command("copy")
def copy(
    to: Annotated[str, typer.Option(help="The empty database: postgresql://... or sqlite:///file.")],
) -> None:
    """Copy everything into another database, all or nothing; stop the service meanwhile. Then check the audit log there."""
    source, target = Database(read_settings().database_url), Database(to)
    _must_be_current(source)
    target.upgrade()
    total = 0
    for name, rows in copying.copy(source, target):
        total += rows
        if rows:
            print(f"{rows:>10,} {name}", flush=True)
    with target.read() as store:
        broken, head = store.audit.verify(), store.audit.head()
    if broken:
        print(f"The audit log is broken at {', '.join(map(str, broken))}.")
        raise typer.Exit(1)
    print(f"{total:,} rows are copied; the audit log is whole. Its last seal: {head or '-'}")


@audit.command("verify")
@database.command()
def verify() -> None:
    """Check the chain of the audit log; print its last seal, to be kept elsewhere; exit status 1 where it is broken."""
    tools = ready_tools()
    with tools.database.read() as store:
        broken, head = store.audit.verify(), store.audit.head()
    if broken:
        print(f"The audit log is broken at {', '.join(map(str, broken))}.")
        raise typer.Exit(1)
    print(f"The audit log is whole. Its last seal: {head or '-'}")


def ready_tools() -> Tools:
    """Return the tools over a database that is up to date."""
    tools = build_tools(read_settings())
    _must_be_current(tools.database)
    reload_policy(tools)
    return tools


def _must_be_current(database: Database) -> None:
    if not database.is_current():
        raise Misconfigured("The database is older than this version. Run `moderation db upgrade`.")

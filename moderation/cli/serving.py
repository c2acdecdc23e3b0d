"""Commands for whoever runs the service."""

import gc
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from gunicorn.app.base import BaseApplication

from moderation.bootstrap.tools import build_tools, reload_files, reload_policy
from moderation.cli.processes import Master, Places, StructuredLogger
from moderation.errors import InvalidInput, Misconfigured
from moderation.services import Tools, backing_up, retaining
from moderation.services.admitting import first_administrator_link
from moderation.services.seeding import seed as seed_site
from moderation.settings import Settings, read_settings
from moderation.store import copying
from moderation.store.unit_of_work import Database
from moderation.worker import start_threads, start_watching

database = typer.Typer(no_args_is_help=True, help="The database.")
audit = typer.Typer(no_args_is_help=True, help="The audit log.")
data = typer.Typer(no_args_is_help=True, help="What is kept of people.")
WHO = "cli"  # the actor in the audit log


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)
    app.command()(worker)
    app.command()(seed)
    app.command(name="settings")(show_settings)
    app.add_typer(database, name="db")
    app.add_typer(audit, name="audit")
    app.add_typer(data, name="data")


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
    with Places() as places:
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
        beside = start_threads if background else start_watching
        _Server(tools, places, workers, threads, beside).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn with our settings; the application is named by its import string, for it lies in another layer.

    Engine, models and application are loaded once, before the processes part: they share that memory, and one that is killed
    is replaced at once.
    """

    def __init__(
        self, tools: Tools, places: Places, workers: int, threads: int, beside: Callable[[Tools], object]
    ) -> None:
        self._tools, self._places, self._beside = tools, places, beside
        self._workers, self._threads = workers, threads
        super().__init__()

    def load_config(self) -> None:
        """Set what gunicorn would else read from its own files."""
        for name, value in {
            "bind": f"{self._tools.settings.host}:{self._tools.settings.port}",
            "preload_app": True,
            "workers": self._workers,
            "threads": self._threads,
            "worker_class": "moderation.web.overload.PatientWorker",
            "loglevel": "warning",
            "logger_class": StructuredLogger,
            **self._places.hooks(),
            "post_worker_init": lambda _process: self._beside(self._tools),
            "forwarded_allow_ips": "",  # ProxyFix reads X-Forwarded-*, as far as trusted_proxies says
            "keepalive": 5,  # a connection that is open and silent takes no thread
            "timeout": 60,
            "graceful_timeout": 20,
            # A request line and headers longer than this are no reader's.
            "limit_request_line": 8190,
        }.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until a signal ends it."""
        Master(self, self._reload).run()

    def load(self) -> Any:
        """Return the application."""
        app = importlib.import_module("moderation.web").create_app(self._tools)
        _keep()
        return app

    def _reload(self) -> None:
        reload_files(self._tools)
        self._tools.database.dispose()  # what is forked now opens its own connections
        _keep()


def _keep() -> None:
    """Let what is there stay: to look through it for garbage makes a reader wait 0.2 seconds, and unshares the memory."""
    gc.collect()
    gc.freeze()


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
    """Return a setting as it may be shown: of an address neither who signs in nor what is asked for."""
    if not name.endswith("_url"):
        return str(value)
    address, asked, _ = str(value).partition("?")
    scheme, _, rest = address.partition("://")
    if "@" in rest:
        address = f"{scheme}://***@{rest.rpartition('@')[2]}"
    return f"{address}?***" if asked else address


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


@database.command()
def backup(file: Path) -> None:
    """Copy everything into a new file, while the service serves; PostgreSQL needs its pg_dump."""
    print(f"{file}: {backing_up.back_up(ready_tools(), file, WHO):,} bytes.")


@database.command()
def restore(
    file: Path,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let what the database holds go; stop the service first.")
    ] = False,
    erased: Annotated[
        Path | None,
        typer.Option(help="A list of `moderation author erased`: these persons are erased again."),
    ] = None,
) -> None:
    """Put a backup back, with the erasures made since; exit status 1 where its audit log is broken."""
    listed = backing_up.read_erased(_lines_of(erased)) if erased else ()
    tools = build_tools(read_settings())
    done = backing_up.restore(tools, file, WHO, replace=replace, erased=listed)
    print(
        f"Restored: {done.comments:,} comments. Erased again: {done.erased} persons. Everybody signs in again."
    )
    if done.broken:
        print(f"The audit log is broken at {', '.join(map(str, done.broken))}.")
        raise typer.Exit(1)


def _lines_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{path}: is no text file that can be read. Nothing was changed.") from None


@data.command("forget")
def forget_data(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much it would be.")] = False,
) -> None:
    """Forget now what has been kept for as long as the settings say; a worker does so every day."""
    tools = ready_tools()
    counts = retaining.due(tools) if dry_run else retaining.forget(tools, WHO)
    for kind, count in counts.items():
        print(kind, count, sep="\t")


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

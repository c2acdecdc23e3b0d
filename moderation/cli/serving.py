"""Commands for whoever runs the service."""

import gc
import importlib
from pathlib import Path
from typing import Annotated, Any

import typer
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from moderation.bootstrap.tools import build_tools, reload_policy
from moderation.errors import InvalidInput, Misconfigured
from moderation.services import Tools, backing_up, retaining
from moderation.services.admitting import first_administrator_link
from moderation.services.seeding import seed as seed_site
from moderation.settings import Settings, read_settings
from moderation.worker import start_threads

database = typer.Typer(no_args_is_help=True, help="The database.")
audit = typer.Typer(no_args_is_help=True, help="The audit log.")
data = typer.Typer(no_args_is_help=True, help="What is kept of people.")
_INVALID = "Invalid request from ip="  # so gunicorn begins its line, address and request behind it
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
    seed: Annotated[
        bool, typer.Option("--seed", help="First make the site and its article of seeds/.")
    ] = False,
) -> None:
    """Bring the database up to date and serve; deliveries leave from a thread of each process."""
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
    _Server(settings, workers, threads).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn with our settings; the application is named by its import string, for it lies in another layer."""

    def __init__(self, settings: Settings, workers: int, threads: int) -> None:
        self._settings = settings
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
            "logger_class": ServerLog,
            "post_worker_init": _start_worker,
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


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's own lines among ours: their templates alone, for arguments and messages may be a reader's."""

    def setup(self, cfg: Any) -> None:
        """Let its lines go where all others go, instead of to standard error as they are."""
        super().setup(cfg)
        self.error_log.handlers, self.error_log.propagate = [], True

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log a warning; of a request that could not be read not who sent it, nor what."""
        super().warning(_INVALID if msg.startswith(_INVALID) else msg, *args, **kwargs)


def _start_worker(process: Any) -> None:
    gc.freeze()  # engine and models stay: to look through them for garbage makes whoever asks then wait 0.2 seconds
    start_threads(process.wsgi.extensions["moderation.tools"])


def worker() -> None:
    """Deliver events and record expired blocks, in a process of its own."""
    stop = start_threads(ready_tools())
    try:
        stop.wait()
    except KeyboardInterrupt:
        stop.set()


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
    if not tools.database.is_current():
        raise Misconfigured("The database is older than this version. Run `moderation db upgrade`.")
    reload_policy(tools)
    return tools

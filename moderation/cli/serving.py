"""Commands for whoever runs the service."""

import gc
import importlib
from typing import Annotated, Any

import typer
from gunicorn.app.base import BaseApplication

from moderation.bootstrap.tools import build_tools, reload_policy
from moderation.cli.processes import Master, Places, StructuredLogger
from moderation.errors import Misconfigured
from moderation.services import Tools
from moderation.services.admitting import first_administrator_link
from moderation.services.seeding import seed as seed_site
from moderation.settings import Settings, read_settings
from moderation.worker import start_threads

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
    seed: Annotated[
        bool, typer.Option("--seed", help="First make the site and its article of seeds/.")
    ] = False,
) -> None:
    """Bring the database up to date and serve; deliveries leave from a thread of each process."""
    settings = read_settings()
    _prepare(settings, seed=seed)
    gc.collect()  # what was built for it: threads of a model do not live on in the processes forked from here
    _Server(settings, workers, threads).run()


def _prepare(settings: Settings, *, seed: bool) -> None:
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
            "worker_class": "moderation.web.overload.PatientWorker",
            "loglevel": "warning",
            "logger_class": StructuredLogger,
            **Places().hooks(),
            "post_worker_init": _start_worker,
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
        Master(self).run()

    def load(self) -> Any:
        """Return the application, built in the process that serves it."""
        return importlib.import_module("moderation.web").create_app()


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

"""An archive of another system read in, part by part, to go on after a kill; read twice it adds nothing.

Each part is one transaction with the place where it ends. Answers that came before what they answer are tied to it at
the end, and then the answers of each thread are counted.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from moderation.errors import Conflict, InvalidInput, NotFound, Raced
from moderation.protocols.archives.files import Archive, open_archive
from moderation.protocols.archives.types import REASONS, Broken, Entry, Record
from moderation.services import Tools
from moderation.services.matching import Job, job_for
from moderation.services.taking import take
from moderation.store.tables import Import, Site, SkippedRecord

PART = 500
_TRIES = 3
_NAMES = {"disqus": "disqus", "isso": "isso", "jsonl": "moderation"}


def import_archive(
    tools: Tools,
    site: Site,
    path: Path,
    by: str,
    *,
    wanted: str = "auto",
    source: str = "",
    address: str = "",
) -> Iterator[Import]:
    """Yield the import after each part, the last time when it is over.

    A file whose import was cut off goes on where it was. A file that breaks is read as far as it goes, and the import
    says where that was.

    Args:
        tools: the tools of this process.
        site: where the comments go.
        path: the archive.
        by: who imports it.
        wanted: its format, or auto.
        source: the archive's name, within which an id means one comment; made of its format if left out.
        address: what stands before addresses that are paths, as Isso's are; the site's one origin if left out.

    Raises:
        InvalidInput: there is nothing that could be read. Conflict: another process reads it at this moment.
    """
    archive = open_archive(path, wanted)
    source = source or _name_of(archive)
    base = address or (site.origins[0] if len(site.origins) == 1 else "")
    _check(source, base, archive)
    job = job_for(tools, site, _begun(tools, site, archive, source, by), base)
    broke = ""
    try:
        for begin, part in _parts(archive, job.begun.done):
            yield _store_part(job, archive, begin, part)
    except Broken as error:
        broke = str(error)
    _link(job)
    _count(job)
    yield _finished(job, broke)


def _name_of(archive: Archive) -> str:
    """Return the name of an archive that has none: two WordPress sites count their comments from 1, each."""
    if archive.format != "wxr":
        return _NAMES[archive.format]
    try:
        first = next((found for found in archive.entries() if isinstance(found, Record)), None)
        host = urlsplit(first.page.address).netloc if first else ""
    except (Broken, ValueError):
        host = ""
    return f"wordpress:{host}"[:100]


def _check(source: str, base: str, archive: Archive) -> None:
    problems = {}
    if not re.fullmatch(r"[^\s\0-\x1f]{1,100}", source):
        problems["source"] = ["Name the archive in 1 to 100 characters without spaces."]
    if base and not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", base):
        problems["address"] = ["Write the address of the site's pages, such as https://paper.example."]
    if not base and archive.format == "isso":
        problems["address"] = [
            "Isso knows pages by path. Say what stands before it, such as https://paper.example."
        ]
    if problems:
        raise InvalidInput("The archive was not imported. Correct what is named.", problems)


def _begun(tools: Tools, site: Site, archive: Archive, source: str, by: str) -> Import:
    """Return the import of this file that was cut off, or a new one."""
    now, digest = tools.now(), archive.digest()
    with tools.database.begin() as store:
        earlier = store.imports.unfinished(site.id, source, digest)
        if earlier is not None:
            return earlier
        begun = store.imports.add(
            Import(
                site_id=site.id,
                source=source,
                format=archive.format,
                name=archive.path.name,
                digest=digest,
                size=archive.size,
                started_by=by,
                started_at=now,
            )
        )
        store.audit.append(
            at=now,
            actor=by,
            action="import.begun",
            subject=f"import:{begun.id}",
            detail={"site": site.id, "format": begun.format},
        )
        return begun


def _parts(archive: Archive, begin: int) -> Iterator[tuple[int, list[Entry]]]:
    """Yield the entries from the one numbered `begin` on, some at a time, each time with the number of the first."""
    part: list[Entry] = []
    try:
        for found in islice(archive.entries(), begin, None):
            part.append(found)
            if len(part) == PART:
                yield begin, part
                begin, part = begin + len(part), []
    except Broken:
        if part:
            yield begin, part
        raise
    if part:
        yield begin, part


def _store_part(job: Job, archive: Archive, begin: int, part: list[Entry]) -> Import:
    """Return the import with one part more; another import may bring the same records at this moment."""
    for _ in range(_TRIES):
        try:
            return _try_part(job, archive, begin, part)
        except Raced:
            job.articles.clear()  # what was not stored is not there
    raise Conflict("Another import brings the same comments. Let one end, and run this one again.")


def _try_part(job: Job, archive: Archive, begin: int, part: list[Entry]) -> Import:
    now, done = job.tools.now(), begin + len(part)
    with job.tools.database.begin() as store:
        begun = store.imports.get(job.begun.id)
        assert begun is not None
        if begun.done != begin or not store.imports.go_on(begun, done, archive.read):
            raise Conflict("Another process reads this archive.")
        take(job, store, [*enumerate(part, begin)], now)
        begun.done, begun.read = done, archive.read
        return begun


def _link(job: Job) -> None:
    """Tie answers that came before what they answer; what is found in no archive so far begins a thread."""
    after = ""
    while True:
        with job.tools.database.begin() as store:
            waiting = store.imports.unlinked(job.begun.site_id, job.begun.source, after, PART)
            ids = {child.parent for child in waiting if child.parent}
            known = store.imports.known(job.begun.site_id, job.begun.source, ids)
            store.imports.link([(child, known[child.parent]) for child in waiting if child.parent in known])
        if not waiting:
            return
        after = waiting[-1].comment_id


def _count(job: Job) -> None:
    after = ""
    while True:
        with job.tools.database.begin() as store:
            after = store.imports.recount(job.begun.id, after, PART)
        if not after:
            return


def _finished(job: Job, broke: str) -> Import:
    now = job.tools.now()
    with job.tools.database.begin() as store:
        begun = store.imports.lock(job.begun.id)
        assert begun is not None
        counts = store.imports.counts(begun.id)
        skipped = sum(counts["skipped"].values())
        begun.report = {
            "records": begun.done,
            **counts,
            "known": begun.done - counts["imported"] - skipped,
        }
        begun.state, begun.broke, begun.finished_at = "broken" if broke else "done", broke, now
        store.audit.append(
            at=now,
            actor=begun.started_by,
            action="import.finished",
            subject=f"import:{begun.id}",
            detail={"imported": counts["imported"], "skipped": skipped, "broken": bool(broke)},
        )
        return begun


def find_import(tools: Tools, import_id: str) -> Import:
    """Return the import with this id.

    Raises:
        NotFound: there is none.
    """
    with tools.database.read() as store:
        found = store.imports.get(import_id)
    if found is None:
        raise NotFound("There is no such import. `moderation import list` names them.")
    return found


def skipped_records(tools: Tools, import_id: str) -> Iterator[SkippedRecord]:
    """Yield what an import left out, in the order of the file."""
    after = -1
    while True:
        with tools.database.read() as store:
            rows = store.imports.skipped(import_id, after=after)
        if not rows:
            return
        yield from rows
        after = rows[-1].number


def report_of(begun: Import) -> dict[str, Any]:
    """Return what an import says of itself, as JSON values."""
    return {
        "id": begun.id,
        "file": begun.name,
        "format": begun.format,
        "source": begun.source,
        "state": begun.state,
        "broke": begun.broke,
        **begun.report,
    }


def sentence_for(reason: str) -> str:
    """Return in a sentence why a record was left out."""
    return REASONS.get(reason, reason)

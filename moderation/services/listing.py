"""The block list out and in: CSV that is safe to open in a spreadsheet, JSON, and whether somebody is blocked."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moderation.errors import InvalidInput, NotFound
from moderation.protocols import strict_json
from moderation.services import Tools, addresses, networks
from moderation.services.addresses import email_key
from moderation.services.penalising import audit_block, check_note
from moderation.services.recording import keep_step
from moderation.services.standing import block_sentence
from moderation.store.penalties import Which
from moderation.store.tables import Author, Block, Site
from moderation.store.unit_of_work import Store

COLUMNS = (
    "id",
    "kind",
    "subject",
    "author_external_id",
    "penalty",
    "clause",
    "starts_at",
    "ends_at",
    "given_by",
    "note",
    "comments",
    "strikes",
    "given_with",
    "lifted_at",
    "lifted_by",
    "expired_at",
)
KINDS = ("author", "external_id", "email", "email_domain", "address", "network")
PENALTIES = ("premoderate", "block")
LONGEST_FILE = 2_000_000  # bytes
MOST_LINES = 10_000
# What makes a spreadsheet take a cell for a formula; the full-width forms do so in some locales.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_TAKEN = ("id", "kind", "subject", "penalty", "clause", "starts_at", "ends_at", "note")


@dataclass(frozen=True, slots=True)
class Imported:
    """How many entries an import added, and how many were there already."""

    added: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether somebody is blocked, and if so by which entry and in which words."""

    block: Block | None
    sentence: str = ""


def entries(tools: Tools, which: Which) -> Iterator[dict[str, Any]]:
    """Yield the entries of the block list, newest first, as plain values."""
    after: str | None = None
    while True:
        with tools.database.read() as store:
            page = store.desk.block_list(now=tools.now(), which=which, after=after, limit=500)
        for row in page.items:
            yield _entry(row.block, row.author)
        after = page.next
        if after is None:
            return


def _entry(block: Block, author: Author | None) -> dict[str, Any]:
    subject = f"{block.network_key_id}:{block.subject}" if block.subject_kind == "network" else block.subject
    return {
        "id": block.id,
        "kind": block.subject_kind,
        "subject": subject,
        "author_external_id": author.external_id if author else None,
        "penalty": block.penalty,
        "clause": block.clause,
        "starts_at": _moment(block.starts_at),
        "ends_at": _moment(block.ends_at),
        "given_by": block.given_by,
        "note": block.note,
        "comments": block.comment_ids,
        "strikes": block.strike_ids,
        "given_with": block.given_with,
        "lifted_at": _moment(block.lifted_at),
        "lifted_by": block.lifted_by,
        "expired_at": _moment(block.expired_at),
    }


def as_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the entries as a JSON document."""
    return json.dumps({"blocks": [*rows]}, ensure_ascii=False, indent=1) + "\n"


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the entries as CSV in which no cell is taken for a formula (an apostrophe stands before such)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe_cell(row[column]) for column in COLUMNS])
    return out.getvalue()


def safe_cell(value: object) -> str:
    """Return the value as a cell of CSV that no spreadsheet takes for a formula."""
    text = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _uncell(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def import_blocks(
    tools: Tools, data: bytes, by: str, *, site_id: str | None = None, request_id: str = ""
) -> Imported:
    """Return how many entries of a file in CSV or JSON were added; all of them or none.

    A file read twice adds nothing the second time. Entries that are lifted or past are not taken. A `kind` is author,
    external_id, email, email_domain, address or (exported here) network; addresses are hashed and not kept.

    Raises:
        InvalidInput: `fields` names each line that is wrong, why, and what to do. NotFound: there is no such site.
    """
    read = _read(data)
    now = tools.now()
    problems: dict[str, list[str]] = {}
    added = unchanged = 0
    with tools.database.begin() as store:
        site = store.sites.get(site_id) if site_id else next(iter(store.sites.all()), None)
        if site is None:
            raise NotFound("There is no such site.")
        for line, row in read:
            try:
                block = _block_of(tools, store, site, row, by, now)
                if block is None or _is_known(store, block, now, since_known=bool(row.get("starts_at"))):
                    unchanged += 1
                    continue
                store.penalties.add_block(block)
                audit_block(store, block, by, now, request_id)
                added += 1
            except InvalidInput as error:
                said = [sentence for sentences in error.fields.values() for sentence in sentences]
                problems[f"line {line}"] = said or [str(error)]
        if problems:  # leaving with an exception takes back what the good lines added
            raise InvalidInput("Nothing was imported. Correct the lines that are named.", problems)
        store.audit.append(
            at=now,
            actor=by,
            action="blocks.imported",
            subject=f"site:{site.id}",
            detail={"added": added, "unchanged": unchanged},
            request_id=request_id,
        )
        if added:
            keep_step(store, "import", by, now, subject=f"site:{site.id}")
    return Imported(added, unchanged)


def _read(data: bytes) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows with the number of their line (of a JSON file: their place in the list, from 1)."""
    if len(data) > LONGEST_FILE:
        raise _wrong(f"has more than {LONGEST_FILE:,} bytes. Split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong("is not UTF-8. Save it as UTF-8") from None
    rows = _read_json(text) if text.lstrip().startswith(("{", "[")) else _read_csv(text)
    if not rows:
        raise _wrong("has no entries. It needs a header line and one line for each entry")
    if len(rows) > MOST_LINES:
        raise _wrong(f"has more than {MOST_LINES:,} entries. Split it")
    return rows


def _read_json(text: str) -> list[tuple[int, dict[str, Any]]]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong("is not JSON. Export one to see the form") from None
    listed = document.get("blocks") if isinstance(document, dict) else document
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        raise _wrong('holds no list of entries. Write {"blocks": [{"kind": ...}]}')
    return [*enumerate(listed, start=1)]


def _read_csv(text: str) -> list[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, dict[str, Any]]] = []
    try:
        names = reader.fieldnames or []
        if missing := [name for name in ("kind", "subject") if name not in names]:
            raise _wrong(f"has no column {missing[0]}. The first line names the columns: {', '.join(_TAKEN)}")
        for row in reader:
            if None in row or None in row.values():
                raise _wrong(f"has a line {reader.line_num} with more or fewer cells than the header")
            rows.append((reader.line_num, {name: _uncell(cell.strip()) for name, cell in row.items()}))
    except csv.Error:
        raise _wrong(
            f"is not CSV in line {reader.line_num}. Quote cells that hold commas or quotes"
        ) from None
    return rows


def _wrong(why: str) -> InvalidInput:
    return InvalidInput("The file could not be read.", {"file": [f"The file {why}."]})


def _block_of(
    tools: Tools, store: Store, site: Site, row: Mapping[str, Any], by: str, now: datetime
) -> Block | None:
    """Return the entry that a row describes, or None for one that is over; InvalidInput says what is wrong."""
    cells = {name: row.get(name) for name in (*_TAKEN, "lifted_at", "expired_at")}
    for name, cell in cells.items():
        if cell is not None and not isinstance(cell, str):
            raise _bad(f"{name} is not a text. Write it in quotes.")
        if cell is not None and "\0" in cell:
            raise _bad(f"{name} has the character U+0000. Remove it.")
    text = {name: str(cell or "").strip() for name, cell in cells.items()}
    starts_at = _time(text["starts_at"], "starts_at") or now
    ends_at = _time(text["ends_at"], "ends_at")
    penalty, clause = text["penalty"] or "block", text["clause"] or None
    if text["lifted_at"] or text["expired_at"] or (ends_at is not None and ends_at <= now):
        return None
    if penalty == "warn":
        return None  # a moment that has passed
    if penalty not in PENALTIES:
        raise _bad(f"penalty {strict_json.printable(penalty[:40])!r} is none. One of {', '.join(PENALTIES)}.")
    if clause is not None and clause not in tools.engine.policy.clauses:
        raise _bad(
            f"There is no clause {strict_json.printable(clause[:40])!r}. One of {', '.join(tools.engine.policy.clauses)}."
        )
    if ends_at is not None and ends_at <= starts_at:
        raise _bad("ends_at is not after starts_at. Correct one of them.")
    check_note(text["note"])
    kind, subject, key_id = _subject(tools, store, site, text["kind"], text["subject"], now)
    block = Block(
        site_id=site.id,
        subject_kind=kind,
        subject=subject,
        network_key_id=key_id,
        penalty=penalty,
        clause=clause,
        given_by=by,
        starts_at=starts_at,
        ends_at=ends_at,
        note=text["note"],
    )
    if text["id"]:
        if not (text["id"].isascii() and text["id"].isalnum() and len(text["id"]) <= 64):
            raise _bad("id is not one of ours. Leave it empty.")
        block.id = text["id"]
    return block


def _subject(
    tools: Tools, store: Store, site: Site, kind: str, subject: str, now: datetime
) -> tuple[str, str, str | None]:
    """Return kind and subject as they are stored, and the key of a network."""
    if not subject:
        raise _bad("subject is empty. Say whom the entry is about.")
    if kind == "author":
        author = store.people.get(subject)
        if author is None or author.site_id != site.id or author.erased_at is not None:
            raise _bad(
                "There is no such author here. Use external_id or email for somebody who has not written yet."
            )
        return "author", author.id, None
    if kind == "external_id":
        if len(subject) > 200 or not subject.isprintable():
            raise _bad("subject is no id: 1 to 200 printable characters.")
        return "author", _author(store, site, now, external_id=subject).id, None
    if kind == "email":
        if problem := addresses.problem_with(subject):
            raise _bad(problem)
        key = email_key(tools, subject)
        return "author", _author(store, site, now, email_key=key, email=subject.strip()).id, None
    if kind == "email_domain":
        domain = addresses.normal_domain(subject)
        if not domain:
            raise _bad("subject is no domain. Write one such as example.com.")
        return "email_domain", domain, None
    if kind == "address":
        hashes = networks.hashes_of(tools, store, site.id, subject)
        found = networks.current_hash(tools, store, site.id, subject)
        if found is None:
            raise _bad("subject is no network address. Write one such as 192.0.2.7 or 2001:db8::1.")
        known = store.penalties.active_block(site_id=site.id, now=now, networks=hashes)
        if known is not None and known.network_key_id is not None:
            return "network", known.subject, known.network_key_id
        return "network", found[1], found[0]
    if kind == "network":
        key_id, _, value = subject.partition(":")
        if key_id not in {key.id for key in store.networks.keys(site.id)} or len(value) != 64:
            raise _bad("This hash was made with a key that is not here. Use the address itself.")
        return "network", value, key_id
    raise _bad(f"kind {strict_json.printable(kind[:40])!r} is none. One of {', '.join(KINDS)}.")


def _author(
    store: Store,
    site: Site,
    now: datetime,
    *,
    external_id: str | None = None,
    email_key: str | None = None,
    email: str | None = None,
) -> Author:
    """Return the author with this key, made with an empty name where nobody has it yet."""
    known = store.people.find(site_id=site.id, external_id=external_id, email_key=email_key)
    return known or store.people.find_or_create(
        site_id=site.id, name="", now=now, external_id=external_id, email_key=email_key, email=email
    )


def _is_known(store: Store, block: Block, now: datetime, *, since_known: bool) -> bool:
    """Tell whether the entry, or one that says the same, is in the list."""
    known = store.penalties.get_block(block.id)
    if known is not None:
        same = (known.site_id, known.subject_kind, known.subject, known.penalty) == (
            block.site_id,
            block.subject_kind,
            block.subject,
            block.penalty,
        )
        if not same:
            raise _bad("This id belongs to another entry. Leave it empty.")
        return True
    return store.penalties.same_as(block, now, since_known=since_known) is not None


def _time(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad(f"{name} is no time. Write it like 2026-11-23 or 2026-11-23T12:50:00Z.") from None


def _bad(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {"": [sentence]})


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def is_blocked(
    tools: Tools,
    *,
    site_id: str | None = None,
    author_id: str | None = None,
    external_id: str | None = None,
    email: str | None = None,
    address: str | None = None,
) -> Answer:
    """Return whether the author, the e-mail address or the network address is blocked, why and until when.

    Raises:
        InvalidInput: names what is no address. NotFound: there is no such site.
    """
    if email is not None and (problem := addresses.problem_with(email)):
        raise InvalidInput("Nobody could be looked for.", {"email": [problem]})
    if address is not None and not networks.network_of(address):
        raise InvalidInput(
            "Nobody could be looked for.", {"address": ["Write an address such as 192.0.2.7 or 2001:db8::1."]}
        )
    now = tools.now()
    with tools.database.read() as store:
        site = store.sites.get(site_id) if site_id else next(iter(store.sites.all()), None)
        if site is None:
            raise NotFound("There is no such site.")
        key = email_key(tools, email) if email else None
        people = [
            store.people.get(author_id) if author_id else None,
            store.people.find(site_id=site.id, external_id=external_id) if external_id else None,
            store.people.find(site_id=site.id, email_key=key) if key else None,
        ]
        domain = addresses.domain_of(email) if email else None
        hashes = networks.hashes_of(tools, store, site.id, address)
        for author in [person for person in people if person is not None and person.site_id == site.id]:
            if (
                block := store.penalties.active_block(site_id=site.id, now=now, author_id=author.id)
            ) is not None:
                return Answer(block, block_sentence(tools, block))
        block = store.penalties.active_block(site_id=site.id, now=now, email_domain=domain, networks=hashes)
        if block is None and email and key:
            block = store.penalties.blocked_author_with_email(
                site.id, key, addresses.normal(email), None, now
            )
    return Answer(block, block_sentence(tools, block)) if block is not None else Answer(None)

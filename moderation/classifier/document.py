"""A report as data, written as Markdown and as one HTML page with its charts inside."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from moderation.classifier.tables import cell, table

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #8886; padding: .2rem .6rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1rem 0; background: #fff; overflow-x: auto; }
nav ul { columns: 2; }
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first column is a name, None shows as a dash."""

    head: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, kept in a file of its own beside the Markdown."""

    name: str
    title: str
    svg: str


Block = str | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; text is plain."""

    title: str
    blocks: Sequence[Block]


def write(folder: Path, title: str, sections: Sequence[Section]) -> None:
    """Write `report.md` with a file for each chart, and `report.html`, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Chart):
                (folder / f"{block.name}.svg").write_text(block.svg, "utf-8")
    (folder / "report.md").write_text(as_markdown(title, sections), "utf-8")
    (folder / "report.html").write_text(as_html(title, sections), "utf-8")


def as_markdown(title: str, sections: Sequence[Section]) -> str:
    """Return the report as Markdown."""
    parts = [f"# {title}"]
    for section in sections:
        parts.append(f"## {section.title}")
        parts += [_markdown(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def as_html(title: str, sections: Sequence[Section]) -> str:
    """Return the report as one HTML page that loads nothing."""
    items = "".join(
        f'<li><a href="#s{number}">{html.escape(section.title)}</a></li>'
        for number, section in enumerate(sections)
    )
    body = "".join(
        f'<h2 id="s{number}">{html.escape(section.title)}</h2>\n' + "\n".join(map(_html, section.blocks))
        for number, section in enumerate(sections)
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>"
        f"<nav><ul>{items}</ul></nav>\n{body}\n</body></html>\n"
    )


def _markdown(block: Block) -> str:
    if isinstance(block, Table):
        return table(block.head, block.rows)
    return f"![{block.title}]({block.name}.svg)" if isinstance(block, Chart) else block


def _html(block: Block) -> str:
    if isinstance(block, Table):
        head = "".join(f"<th>{html.escape(name)}</th>" for name in block.head)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell(value))}</td>" for value in row) + "</tr>"
            for row in block.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    if isinstance(block, Chart):
        return f'<figure role="img" aria-label="{html.escape(block.title)}">{block.svg}</figure>'
    return f"<p>{html.escape(block)}</p>"

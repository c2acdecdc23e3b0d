"""A made-up language of comments: small, plain, and rude in words nobody uses."""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CALM = (
    *("the", "council", "met", "again", "today", "about", "new", "road", "near", "old", "school"),
    *("and", "many", "people", "came", "to", "listen"),
)
RUDE = ("blorgo", "snarfle", "quibnak")
COLUMNS = ("toxic", "attack", "profanity", "identity_hate", "threat", "sexual", "spam")


def a_comment(random_: random.Random, *, rude: bool) -> str:
    words = random_.choices(CALM, k=random_.randint(5, 14))
    if rude:
        words.insert(random_.randrange(len(words)), random_.choice(RUDE))
    return " ".join(words)


def a_row(text: str, source: str = "toxic_spans", lang: str = "en", **labels: float) -> dict:
    row = {
        "id": text[:8],
        "text": text,
        "source": source,
        "split": "",
        "lang": lang,
        "extra": None,
        "spans": None,
        "role": "train",
    }
    return row | {column: labels.get(column) for column in COLUMNS}


def write_rows(path: Path, rows: list[dict]) -> Path:
    floats = {column: pa.float32() for column in COLUMNS}
    columns = {key: pa.array([row[key] for row in rows], floats.get(key, pa.string())) for key in rows[0]}
    pq.write_table(pa.table(columns), path)
    return path


def rows_of(seed: int, number: int, sources: tuple[str, ...]) -> list[dict]:
    random_ = random.Random(seed)
    rows = []
    for index in range(number):
        rude = index % 3 == 0
        text = f"{a_comment(random_, rude=rude)} {seed}{index}"
        source = sources[index % len(sources)]
        labels = (
            {"toxic": float(rude)}
            if source.startswith("wiki")
            else {"toxic": float(rude), "attack": float(rude)}
        )
        rows.append(a_row(text, source, **labels))
    return rows

"""The common words of a language, counted over the training rows: what the engine takes for readable.

Only words and their order of frequency leave the data, no text. Run by
`python -m moderation.classifier.vocabulary DATA > config/languages/en.txt`.
"""

import sys
from collections import Counter
from pathlib import Path

from pyarrow import parquet

from moderation.classifier.datasets import file_digest
from moderation.engine.text import Text

FEWEST_ROWS = 6  # a word must stand in so many rows ...
FEWEST_OF_SHORT = 60  # ... more for a word of up to four letters, which another language may have too
FEWEST_SOURCES = 3  # ... of so many sources, or it is a name, a typing slip or another language


def common_words(rows: list[tuple[str, str]]) -> list[str]:
    """Return the words of (source, text) rows that several sources use, most frequent first."""
    count: Counter[str] = Counter()
    sources: dict[str, set[str]] = {}
    for source, text in rows:
        for word in Text(text).vocabulary:
            if word.isascii() and word.replace("'", "").isalpha() and len(word) <= 30:
                count[word] += 1
                sources.setdefault(word, set()).add(source)
    return [
        word
        for word, rows_with in count.most_common()
        if rows_with >= (FEWEST_OF_SHORT if len(word) <= 4 else FEWEST_ROWS)
        and len(sources[word]) >= FEWEST_SOURCES
    ]


def main(data: Path) -> None:
    """Print the English list with the digests of the files it was counted over."""
    print(f"# English words in at least {FEWEST_ROWS} rows of {FEWEST_SOURCES} sources of the training rows,")
    print("# by `python -m moderation.classifier.vocabulary DATA`, counted over")
    rows: list[tuple[str, str]] = []
    for path in (data / "train.parquet", data / "train_optional.parquet"):
        print(f"#   {path.name} sha256 {file_digest(path)}")
        table = parquet.read_table(path, columns=["source", "text", "lang"]).to_pydict()
        rows += [
            (source, text)
            for source, text, lang in zip(table["source"], table["text"], table["lang"], strict=True)
            if lang == "en"
        ]
    print("\n".join(common_words(rows)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

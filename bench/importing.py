"""An archive read in: generate a WXR of so many comments, import it by `moderation import`, print speed and peak memory.

    python bench/importing.py --comments 50000

One comment in five stands before the one it answers, one in fifty waits, one in fifty is in the trash. Peak memory is
that of the importing process, engine and models included; `--url` takes a PostgreSQL database instead of a new file.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">\n'
    "<channel><title>Bench</title><link>https://paper.example</link>\n"
)
SENTENCES = (
    "The vote was postponed again and nobody in Yerevan explained why it had to be.",
    "Ես համաձայն չեմ այս հոդվածի հետ, բայց շնորհակալ եմ տեղեկութեան համար։",
    "How much of the budget goes to the schools in the region? The text does not say. 🙂",
    'See <a href="https://paper.example/1">this</a> &amp; <b>that</b>.',
)


def generate(path: Path, comments: int, per_article: int = 100) -> None:
    """Write the archive."""
    chance = random.Random(20261125)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for first in range(1, comments + 1, per_article):
            file.write(
                f"<item><title>Post {first}</title><link>https://paper.example/{first}/</link>"
                f"<wp:post_id>{first}</wp:post_id><wp:post_date_gmt>2020-01-01 00:00:00</wp:post_date_gmt>\n"
            )
            numbers = list(range(first, min(first + per_article, comments + 1)))
            for number in sorted(numbers, key=lambda n: n - 150 * (chance.random() < 0.2)):
                parent = chance.randrange(first, number) if number > first and chance.random() < 0.6 else 0
                state = chance.choices(("1", "0", "trash"), (48, 1, 1))[0]
                words = " ".join(chance.choices(SENTENCES, k=3))
                file.write(
                    f"<wp:comment><wp:comment_id>{number}</wp:comment_id>"
                    f"<wp:comment_author><![CDATA[Reader {number % 5000}]]></wp:comment_author>"
                    f"<wp:comment_author_email>r{number % 5000}@mail.example</wp:comment_author_email>"
                    f"<wp:comment_date_gmt>2021-02-03 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
                    f"</wp:comment_date_gmt><wp:comment_content><![CDATA[{words} ({number})]]></wp:comment_content>"
                    f"<wp:comment_approved>{state}</wp:comment_approved><wp:comment_type>comment</wp:comment_type>"
                    f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>\n"
                )
            file.write("</item>\n")
        file.write("</channel></rss>\n")


def run(environment: dict[str, str], *arguments: str) -> tuple[str, float]:
    """Return what a command printed, and how many seconds it took."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "moderation", *arguments],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout, time.perf_counter() - begun


def main() -> None:
    """Print records a second, peak memory, and that reading the file again adds nothing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=50_000)
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive.xml"
        generate(archive, given.comments)
        environment = os.environ | {"MODERATION_DATABASE_URL": given.url or f"sqlite:///{folder}/bench.db"}
        _, start = run(environment, "site", "add", "bench", "--name", "Bench")
        for turn in ("first", "again"):
            printed, took = run(environment, "import", str(archive), "--site", "bench")
            print(printed)
            took -= start  # what any command takes to begin
            print(
                f"{turn}: {given.comments / took:.0f} records a second, {took:.1f} s and {start:.1f} s to begin"
            )
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"peak memory {peak:.0f} MB, the archive has {archive.stat().st_size / 1e6:.0f} MB\n")


if __name__ == "__main__":
    main()

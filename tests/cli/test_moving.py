"""`moderation perspective compare`: old scores and thresholds beside ours."""

import pytest

INSULT, THANKS = "You are a pathetic idiot.", "Thank you for this article."


@pytest.fixture
def table(tmp_path):
    """Write a CSV file and return its path."""

    def write(*lines):
        path = tmp_path / "old.csv"
        path.write_text("\n".join(lines), "utf-8")
        return str(path)

    return write


def test_a_threshold_of_ours_stands_beside_each_of_theirs(run, table):
    lines = [f'"{INSULT} {n}",0.9,0.8' for n in range(10)] + [f'"{THANKS} {n}",0.1,' for n in range(10)]
    ran = run("perspective", "compare", table("text,INSULT,TOXICITY", *lines), "--threshold", "0.7")
    assert ran.code == 0, ran.err
    toxicity, insult = [
        line.split(" | ") for line in ran.lines if line.startswith(("| INSULT", "| TOXICITY"))
    ]
    assert insult[0] == "| INSULT"
    assert (insult[1], insult[3], insult[5], insult[6].strip(" |")) == ("20", "0.70", "50.0%", "100.0%")
    assert float(insult[2]) > 0.8
    assert toxicity[1] == "10"  # an empty cell is no score


def test_texts_that_are_not_read_are_counted_and_left_out(run, table):
    german = "Ich finde den Artikel sehr gut und danke der Redaktion dafür."
    lines = [f'"{THANKS} {n}",0.1' for n in range(20)]
    ran = run("perspective", "compare", table("text,TOXICITY", f'"{german}",0.2', *lines))
    assert ran.lines[0].startswith("21 texts, 1 in a language that is not read here")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["comment,TOXICITY", "a,0.1"], "needs the column text"),
        (["text,ANGER", "a,0.1"], "one of TOXICITY"),
        (["text,TOXICITY", "a,high"], "line 2: TOXICITY is no score from 0 to 1"),
        (["text,TOXICITY", "a,0.1"], "has 1 rows"),
    ],
)
def test_a_table_that_cannot_be_compared_is_refused_by_what_is_wrong(run, table, lines, said):
    ran = run("perspective", "compare", table(*lines))
    assert ran.code == 2
    assert said in ran.err


def test_a_threshold_out_of_range_and_a_missing_file_are_refused(run, table):
    assert "from 0 to 1" in run("perspective", "compare", table("text,TOXICITY"), "--threshold", "70").err
    assert "cannot be read" in run("perspective", "compare", "nowhere.csv").err

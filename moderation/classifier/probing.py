"""Sections of the report that probe: groups exchanged, words disguised, words marked."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from moderation.classifier import bias, marking, perturbing, slicing
from moderation.classifier.artefact import LinearScorer
from moderation.classifier.datasets import POSITIVE_FROM
from moderation.classifier.document import Block, Section, Table
from moderation.classifier.evaluation import DEV
from moderation.classifier.systems import CLEAN_CUT, SEED, VERDICT, Rows, Scores, System, cuts_of, share
from moderation.engine import Engine
from moderation.engine.lexicon import Lexicon
from moderation.engine.text import Text
from moderation.engine.types import Context, Scorer, Span, Submission

ATTACKS = ("insults_impermium", "toxic_spans")
_ATTACK = "personal-attack"
_TEMPLATE_LABELS = ("toxicity", _ATTACK, "identity-attack", VERDICT)
_CLEAN_SAMPLE = 1500
_PADDING = 200  # words of calm comments
_MIXED_ONCE, _MIXED = "any, one edit", "any, two edits"
_TRAIN = "train.parquet"


def bias_section(rows: Rows, systems: Sequence[System], scores: Scores, templates: Path) -> Section:
    """Return what naming a group does to scores."""
    label = "toxicity"
    values = rows.corpus.label(label)
    cases, others = values >= POSITIVE_FROM, values < POSITIVE_FROM
    named = slicing.identities(rows.corpus.texts)
    areas = [
        (system.name, *line)
        for system in systems
        if label in scores[system.name]
        for line in bias.subgroup_areas(cases, others, scores[system.name][label], rows.corpus.sources, named)
    ]
    blocks: list[Block] = [
        "AUC of toxicity where a group is named (subgroup), of clean comments that name it against toxic ones that do not"
        " (BPSN: low where naming the group alone raises the score), and of toxic ones that name it against clean ones"
        " that do not (BNSP). Within sources; groups with fewer than 20 comments on either side are left out.",
        Table(("system", "group", "cases", "others", "subgroup", "BPSN", "BNSP"), areas),
    ]
    if templates.is_file():
        filled = bias.read_templates(templates)
        found = []
        for system in systems:
            of = system.score([one.text for one in filled])
            for key, scored in of.items():
                if key not in _TEMPLATE_LABELS:
                    continue
                cuts = cuts_of(system, scores[system.name], key, rows.clean)
                cut = cuts.get("hold", cuts.get("yes", cuts.get(CLEAN_CUT)))
                gap = bias.gaps(filled, scored, cut)
                worst = ", ".join(f"{group} +{value:.3f}" for group, value in gap.worst)
                found.append((system.name, key, gap.sentences, gap.largest, gap.mean, gap.reached, worst))
        blocks += [
            "English sentences that say nothing bad and differ in the group they name alone (tests/sets/identity.toml): the"
            " gap between the highest and the lowest score of a sentence, how many reach the score from which the system"
            " acts, and the groups whose scores lie highest above the mean.",
            Table(
                ("system", "label", "sentences", "largest gap", "mean gap", "reach the cut", "fare worst"),
                found,
            ),
        ]
    return Section("Bias", blocks)


def robustness_section(
    rows: Rows, systems: Sequence[System], first: Scorer | None, scores: Scores, lexicon: Lexicon
) -> Section:
    """Return what disguises cost: attacks found before and after, and clean comments flagged before and after."""
    cases = np.isin(rows.corpus.sources, ATTACKS) & (rows.corpus.label(_ATTACK) >= POSITIVE_FROM)
    attacks = [rows.originals[number] for number in np.flatnonzero(cases).tolist()]
    chance = random.Random(SEED)  # noqa: S311  the same disguises in every run
    calm = [rows.originals[number] for number in np.flatnonzero(rows.clean).tolist()]
    quiet = chance.sample(calm, min(_CLEAN_SAMPLE, len(calm)))
    words = [perturbing.attacked_words(Text(body), first, lexicon, _ATTACK) for body in attacks]
    aimed = [(body, spans) for body, spans in zip(attacks, words, strict=True) if spans]
    every = list(perturbing.MOVES.values())
    changed = {"as written": [body for body, _ in aimed]}
    for name, moves, edits in (
        *((name, [move], perturbing.EDITS) for name, move in perturbing.MOVES.items()),
        (_MIXED_ONCE, every, 1),
        (_MIXED, every, perturbing.EDITS),
    ):
        changed[name] = [perturbing.perturbed(body, spans, moves, chance, edits) for body, spans in aimed]
    changed["padded"] = [f"{body} {_padding(quiet, chance)}" for body, _ in aimed]
    clean = {
        "as written": quiet,
        _MIXED: [
            perturbing.perturbed(body, perturbing.some_words(body, 2, chance), every, chance)
            for body in quiet
        ],
    }
    recall, flagged = [], []
    for system in systems:
        label = next((name for name in (VERDICT, _ATTACK, "toxicity") if name in scores[system.name]), None)
        if label is None:
            continue
        of_attacks = {name: system.score(bodies)[label] for name, bodies in changed.items()}
        of_clean = {name: system.score(bodies)[label] for name, bodies in clean.items()}
        for key, cut in cuts_of(system, scores[system.name], label, rows.clean).items():
            shares = {name: 100 * float((of >= cut).mean()) for name, of in of_attacks.items()}
            lost = shares["as written"] - shares[_MIXED]
            recall.append(
                (
                    system.name,
                    f"{key}, {cut:.3f}",
                    *(f"{found:.1f}" for found in shares.values()),
                    f"{lost:.1f}",
                )
            )
            before, after = ((of_clean[name] >= cut).tolist() for name in clean)
            rise = 100 * (sum(after) - sum(before)) / max(len(before), 1)
            flagged.append((system.name, f"{key}, {cut:.3f}", share(before), share(after), f"{rise:+.2f}"))
    blocks: list[Block] = [
        f"{len(aimed)} of the {len(attacks)} personal attacks in {' and '.join(ATTACKS)} have words that somebody who knows"
        " us would change: those of our lexicon, or else those of the first stage's explanation. Each such word of three"
        f" letters or more gets {perturbing.EDITS} edits of one kind, or of any kind; the others read the same texts as we do. Recall in percent; ours"
        f" is after folding. Padded: {_PADDING} words of clean comments behind the text as written.",
        Table(("system", "from", *changed, f"lost, {_MIXED}"), recall),
        f"{len(quiet)} clean comments with {perturbing.EDITS} edits in each of two words:",
        Table(("system", "from", "flagged as written", "flagged after", "rise in points"), flagged),
        *_meaning_free(quiet, systems, chance),
    ]
    return Section("Robustness", blocks)


def _padding(quiet: Sequence[str], chance: random.Random) -> str:
    words: list[str] = []
    while len(words) < _PADDING and quiet:
        words += chance.choice(quiet).split()
    return " ".join(words[:_PADDING])


def _meaning_free(quiet: Sequence[str], systems: Sequence[System], chance: random.Random) -> list[Block]:
    """Return how many verdicts stay the same after edits that mean nothing."""
    after = [perturbing.rewrapped(body, chance) for body in quiet]
    lines = []
    for system in systems:
        one, other = system.score(quiet), system.score(after)
        if VERDICT in one:
            lines.append((system.name, share((one[VERDICT] == other[VERDICT]).tolist())))
    said = (
        "The same clean comments after 20 edits that mean nothing (blanks, line ends, first letters' case):"
    )
    return [said, Table(("system", "verdict unchanged"), lines)] if lines else []


def marking_section(data: Path, first: Scorer | None, engine: Engine) -> Section:
    """Return how well words are marked, by several ways of choosing them."""
    title = "Words marked"
    if not isinstance(first, LinearScorer) or "toxicity" not in first.labels:
        return Section(title, ["Needs a linear first stage that scores toxicity."])
    lexicon = engine.policy.lexicon
    train = marking.read_marked(data / _TRAIN, first, lexicon)
    dev = marking.read_marked(data / DEV, first, lexicon)
    if not train or not dev:
        return Section(title, [f"The files hold no rows of {marking.SOURCE} with marks."])
    rule = marking.tuned(train)
    context = Context(policy=engine.policy, now=datetime.min.replace(tzinfo=UTC))

    def reasons(row: marking.Marked) -> list[Span]:
        decision = engine.decide(Submission(site_id="", body=row.original), context)
        return [span for reason in decision.reasons for span in reason.spans]

    def explained(row: marking.Marked) -> Sequence[Span]:
        return first.explain(Text(row.original), "toxicity")

    ways: dict[str, Callable[[marking.Marked], Sequence[Span]]] = {
        "lexicon": lambda row: row.listed,
        "the first stage's explanation": explained,
        "reasons of the whole decision": reasons,
        f"share of log-odds + {rule.bonus:g} if in the lexicon >= {rule.threshold:g}, else the highest": rule.marks,
    }
    lines = [(name, marking.mean_f1(train, way), marking.mean_f1(dev, way)) for name, way in ways.items()]
    said = (
        f"Mean F1 by character (SemEval-2021 task 5) on the {len(dev)} rows of {marking.SOURCE} in dev that people marked;"
        f" threshold and bonus of the last line were chosen on {len(train)} rows of {_TRAIN}. A decision to publish has no"
        " reasons and marks nothing."
    )
    return Section(title, [said, Table(("way of choosing", "train", "dev"), lines)])

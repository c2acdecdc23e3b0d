"""What a reader is told by mail: a penalty, a decision, each step of an appeal; in English or Armenian.

No word of the comment stands in a mail: the signed link leads to it. The Armenian awaits a native reader's review.
"""

from datetime import UTC, datetime

from moderation.engine.policy import Rung
from moderation.services import Tools, appeal_links
from moderation.services.letters import LANGUAGES, Letter
from moderation.services.mailing import queue_mail
from moderation.store.tables import Appeal, Article, Author, Block, Comment, DecisionRow, Site
from moderation.store.unit_of_work import Store

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "hello": "Hello {name},",
        "until": "It ends on {end} UTC.",
        "until-lifted": "It lasts until a moderator lifts it.",
        "rule": "Rule: {title} {sentence}",
        "by-link": "If you think this is wrong, you can appeal within {days} days. You need no account:",
        "policy": "Discussion policy: {address}",
        "warn.subject": "A warning from {site}",
        "premoderate.subject": "Your comments at {site} are read first",
        "block.subject": "You are blocked from commenting at {site}",
        "block": "You are blocked from commenting at {site}.",
        "lifted.subject": "You can comment at {site} again",
        "lifted": "The block on your comments at {site} is over. You can comment again.",
        "rejected.subject": "Your comment at {site} was not permitted",
        "rejected": "A moderator did not permit your comment on “{article}”.",
        "removed.subject": "Your comment at {site} was removed",
        "removed": "A moderator removed your comment on “{article}”.",
        "received.subject": "We have your appeal",
        "received": "We have your appeal. A moderator of {site} will read it and answer you.",
        "granted.subject": "Your appeal was granted",
        "granted.decision": "A moderator of {site} read your appeal and agrees with you.",
        "granted.published": "Your comment is published.",
        "granted.gone": "The article is no longer there, so the comment cannot be shown; the strike against you is taken back.",
        "granted.block": "A moderator of {site} read your appeal and lifted the block.",
        "refused.subject": "Your appeal was refused",
        "refused": "A moderator of {site} read your appeal. The decision stands.",
        "withdrawn.subject": "You withdrew your appeal",
        "answer": "The moderator writes:",
        "see": "You find your appeal and the answer here:",
    },
    "hy": {
        "hello": "Բարև ձեզ, {name}։",
        "until": "Ավարտվում է՝ {end} UTC։",
        "until-lifted": "Գործում է մինչև խմբագրի որոշումը։",
        "rule": "Կանոն․ {title} {sentence}",
        "by-link": "Եթե կարծում եք, որ սա սխալ է, կարող եք բողոքարկել {days} օրվա ընթացքում՝ առանց հաշվի․",
        "policy": "Քննարկման կանոնները․ {address}",
        "warn.subject": "Նախազգուշացում՝ {site}",
        "premoderate.subject": "Ձեր մեկնաբանությունները նախ կկարդա խմբագիրը՝ {site}",
        "block.subject": "Դուք չեք կարող մեկնաբանել՝ {site}",
        "block": "Դուք արգելափակված եք և չեք կարող մեկնաբանել՝ {site}։",
        "lifted.subject": "Կրկին կարող եք մեկնաբանել՝ {site}",
        "lifted": "Ձեր արգելափակումն ավարտված է՝ {site}։ Կրկին կարող եք մեկնաբանել։",
        "rejected.subject": "Ձեր մեկնաբանությունը չթույլատրվեց՝ {site}",
        "rejected": "Խմբագիրը չթույլատրեց ձեր մեկնաբանությունը «{article}» հոդվածի տակ։",
        "removed.subject": "Ձեր մեկնաբանությունը հեռացվեց՝ {site}",
        "removed": "Խմբագիրը հեռացրեց ձեր մեկնաբանությունը «{article}» հոդվածի տակից։",
        "received.subject": "Ստացանք ձեր բողոքը",
        "received": "Ստացանք ձեր բողոքը։ Խմբագիրը ({site}) կկարդա այն և կպատասխանի ձեզ։",
        "granted.subject": "Ձեր բողոքը բավարարվեց",
        "granted.decision": "Խմբագիրը ({site}) կարդաց ձեր բողոքը և համաձայն է ձեզ հետ։",
        "granted.published": "Ձեր մեկնաբանությունը հրապարակված է։",
        "granted.gone": "Հոդվածն այլևս չկա, ուստի մեկնաբանությունը չի կարող երևալ․ ձեր դեմ տրված միավորները հանված են։",
        "granted.block": "Խմբագիրը ({site}) կարդաց ձեր բողոքը և հանեց արգելափակումը։",
        "refused.subject": "Ձեր բողոքը մերժվեց",
        "refused": "Խմբագիրը ({site}) կարդաց ձեր բողոքը։ Որոշումը մնում է ուժի մեջ։",
        "withdrawn.subject": "Դուք հետ վերցրիք ձեր բողոքը",
        "answer": "Խմբագիրը գրում է․",
        "see": "Ձեր բողոքն ու պատասխանն այստեղ են․",
    },
}


def of_penalty(
    tools: Tools, store: Store, site: Site, author: Author, block: Block, rung: Rung | None, now: datetime
) -> None:
    """Tell an author of a warning, of reading before publication or of a block; `rung` says it in its words."""
    comment = store.comments.get(block.comment_ids[-1]) if block.comment_ids else None
    language = language_for(site, comment)
    words = _WORDS[language]
    told = (rung.sentence_hy if language == "hy" and rung.sentence_hy else rung.sentence) if rung else ""
    lines = [told or words["block"].format(site=site.name)]
    if block.penalty != "warn":
        end = block.ends_at
        lines.append(words["until"].format(end=_moment(end)) if end else words["until-lifted"])
    lines += _rule(tools, language, block.clause)
    # A warning itself takes nothing away: what can be appealed is the decision it rests on.
    if block.penalty != "warn":
        lines += _how_to_appeal(tools, language, appeal_links.address_of(tools, "block", block.id))
    elif comment is not None and comment.decision_id is not None:
        lines += _how_to_appeal(
            tools, language, appeal_links.address_of(tools, "decision", comment.decision_id)
        )
    _send(
        tools,
        store,
        site,
        author,
        f"author.{block.penalty}",
        language,
        f"{block.penalty}.subject",
        lines,
        now,
    )


def of_unblocking(tools: Tools, store: Store, site: Site, author: Author, now: datetime) -> None:
    """Tell an author that a block is over."""
    language = language_for(site)
    lines = [_WORDS[language]["lifted"].format(site=site.name)]
    _send(tools, store, site, author, "author.unblocked", language, "lifted.subject", lines, now)


def of_refusal(
    tools: Tools,
    store: Store,
    site: Site,
    article: Article,
    author: Author,
    comment: Comment,
    decision: DecisionRow,
    now: datetime,
) -> None:
    """Tell an author that a moderator did not permit, or removed, a comment; the engine's answer is told at once."""
    language = language_for(site, comment)
    lines = [_WORDS[language][comment.state].format(article=article.title)]
    lines += _rule(tools, language, decision.clause)
    lines += _how_to_appeal(tools, language, appeal_links.address_of(tools, "decision", decision.id))
    kind, subject = f"comment.{comment.state}", f"{comment.state}.subject"
    _send(tools, store, site, author, kind, language, subject, lines, now)


def of_appeal(
    tools: Tools, store: Store, site: Site, appeal: Appeal, now: datetime, *, published: bool = False
) -> None:
    """Tell who appealed that the appeal arrived, or what was answered."""
    author = store.people.get(appeal.author_id) if appeal.author_id else None
    language = appeal.language if appeal.language in LANGUAGES else LANGUAGES[0]
    words = _WORDS[language]
    step = "received" if appeal.state == "open" else appeal.state
    if step == "granted" and appeal.block_id:
        lines = [words["granted.block"].format(site=site.name)]
    elif step == "granted":
        lines = [
            words["granted.decision"].format(site=site.name),
            words["granted.published" if published else "granted.gone"],
        ]
    else:
        lines = [words[f"{step}.subject"] if step == "withdrawn" else words[step].format(site=site.name)]
    if appeal.answer:
        lines += [f"{words['answer']}\n{appeal.answer}"]
    lines += [f"{words['see']}\n{appeal_links.address_of(tools, 'appeal', appeal.id)}"]
    _send(tools, store, site, author, f"appeal.{step}", language, f"{step}.subject", lines, now)


def language_for(site: Site, comment: Comment | None = None) -> str:
    """Return the language an author is written to in: that of the comment where we write it, else the site's."""
    for tag in (comment.language if comment else None, site.language):
        primary = (tag or "").partition("-")[0].lower()
        if primary in LANGUAGES and (tag or "").lower() != "hy-latn":
            return primary
    return LANGUAGES[0]


def _rule(tools: Tools, language: str, clause: str | None) -> list[str]:
    policy = tools.engine.policy
    rule = policy.clauses.get(clause or "")
    if rule is None:
        return []
    sentence = rule.sentence_hy if language == "hy" else rule.sentence
    title = "" if language == "hy" else f"{rule.title}."
    return [" ".join(_WORDS[language]["rule"].format(title=title, sentence=sentence).split())]


def _how_to_appeal(tools: Tools, language: str, address: str) -> list[str]:
    sentence = _WORDS[language]["by-link"].format(days=tools.engine.policy.appeals.days)
    return [f"{sentence}\n{address}"]


def _send(
    tools: Tools,
    store: Store,
    site: Site,
    author: Author | None,
    kind: str,
    language: str,
    subject: str,
    lines: list[str],
    now: datetime,
) -> None:
    if author is None or not author.email:
        return
    words = _WORDS[language]
    address = f"{tools.settings.base_url.rstrip('/')}/policy"
    text = "\n\n".join(
        [
            words["hello"].format(name=author.name),
            *lines,
            words["policy"].format(address=address),
            site.name,
        ]
    )
    # A header is one line, whatever the site is called.
    heading = " ".join(words[subject].format(site=site.name).split())
    queue_mail(
        tools,
        store,
        Letter(heading, text + "\n"),
        site_id=site.id,
        author_id=author.id,
        kind=kind,
        to=author.email,
        now=now,
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d, %H:%M}"

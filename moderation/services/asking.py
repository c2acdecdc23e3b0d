"""Akismet's calls: a site asks what a comment is before it shows it, and tells us later where we were wrong.

A comment on the registered site is decided as every comment is, and kept, so that moderators see those that are held
and their verdict can be told to whoever asked. Its article is the one known at the permalink, else one set up for it
that no page of ours shows. What is a test, private, by an administrator or surely spam is answered and not kept.
"""

import hashlib
import hmac
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from moderation.engine.types import Verdict
from moderation.errors import ArticleClosed, AuthorBlocked, Conflict, InvalidInput, Raced
from moderation.protocols import akismet
from moderation.protocols.akismet import Call, Reply, Usage
from moderation.services import Tools, addresses, networks
from moderation.services.checking import unfit
from moderation.services.labelling import add_feedback
from moderation.services.publishing import ArticleFields, external_id_of_page, save_article
from moderation.services.submitting import NewComment, Writer, check_text, submit_comment
from moderation.store.articles import same_page
from moderation.store.tables import AKISMET, AkismetCall, ApiKey, Article, Comment, Endpoint, Site, new_id
from moderation.store.unit_of_work import Store

_AGAIN = timedelta(
    minutes=2
)  # a client that got no answer asks again; later, the same words are another comment
_EVER = datetime.min.replace(tzinfo=UTC)
_TRIES = 3
_MOST_CALLBACKS = 20  # addresses of one site that are called back; a network of blogs has one each
_BLATANT = 0.9  # score of advertising from which the client may drop it unseen; nothing else is ever dropped
_LONGEST_URL, _LONGEST_TITLE = 2000, 300
_SPAM = "spam"  # the label of a judgement on a comment about which we had no suspicion of our own
_DAYS = {"60-days": 60, "6-months": 183, "all": 36_500}


def scope_of(tools: Tools, key: ApiKey, call: Call) -> Site:
    """Return the site of a key, or raise InvalidInput where the call is about another."""
    with tools.database.read() as store:
        site = store.sites.get(key.site_id)
    if site is None or not site.origins:
        raise InvalidInput("The site of this key has no origin. Register the address of its pages first.")
    if not _lies_on(site, call.blog):
        raise InvalidInput("blog: Not an address of the site of this key. Send its front page.")
    return site


def check(tools: Tools, key: ApiKey, site: Site, call: Call, request_id: str = "") -> Reply:
    """Return what a comment is: spam, not spam, or for a person to decide.

    Raises:
        InvalidInput: the permalink is not on the site. DatabaseAway, Raced, Conflict: ask again.
    """
    if call.is_sure_spam:
        return akismet.checked(call, True, new_id())
    if call.is_by_administrator or not call.text:
        return akismet.checked(call, False, new_id())
    try:
        if call.is_test or call.is_private:
            decision = check_text(tools, site.id, call.text, writer=_writer(call))
            return akismet.checked(call, _is_spam(decision.verdict), new_id())
        return _check(tools, key, site, call, request_id)
    except (AuthorBlocked, ArticleClosed) as error:
        return akismet.checked(call, True, new_id(), why=str(error))
    except InvalidInput as error:
        if "url" in error.fields:
            raise
        # Nobody here could read or keep it: a person there must.
        said = "; ".join(sentence for sentences in error.fields.values() for sentence in sentences)
        return akismet.checked(call, None, new_id(), why=said or str(error))


def _check(tools: Tools, key: ApiKey, site: Site, call: Call, request_id: str) -> Reply:
    """Return what a public comment is, decided and kept with the call by which it came."""
    article, digest, now = _article(tools, key, site, call, request_id), _digest(tools, call), tools.now()
    since = _EVER if call.is_recheck else now - _AGAIN
    for _ in range(_TRIES):
        with tools.database.read() as store:
            asked = store.akismet.find(site.id, "check", digest)
            known = store.comments.get_by_external_id(site.id, asked.id) if asked else None
        if asked is not None and known is not None and asked.at >= since:
            return akismet.checked(call, _is_spam_in(known), asked.id)
        new = NewComment(
            site_id=site.id,
            article_id=article.id,
            body=call.text,
            writer=_writer(call),
            source="api",
            external_id=new_id(),
            request_id=request_id,
        )

        def remember(store: Store, comment: Comment) -> None:
            asked = AkismetCall(
                id=comment.external_id or "",
                site_id=site.id,
                kind="check",
                digest=digest,
                spam=_is_spam_in(comment) is True,
                endpoint_id=_callback(tools, store, site, call, now),
                post_id=call.post_id,
                at=now,
            )
            store.akismet.add(asked, since=since)

        try:
            outcome = submit_comment(tools, new, remember)
        except Raced:  # by the same call, sent twice at once
            continue
        blatant = _is_blatant(outcome.decision)
        return akismet.checked(call, _is_spam_in(outcome.comment), new.external_id or "", discard=blatant)
    raise Conflict("The same call came again and again while it was answered. Send it once more.")


def judge(tools: Tools, key: ApiKey, site: Site, call: Call, *, spam: bool, request_id: str = "") -> Reply:
    """Return thanks for a judgement, kept as a labelled decision; the same one again changes nothing.

    Raises:
        InvalidInput: there is no text, or none that could be kept.
    """
    if call.is_test:
        return akismet.thanked()
    kind, other = ("spam", "ham") if spam else ("ham", "spam")
    digest, now = _digest(tools, call), tools.now()
    with tools.database.read() as store:
        if store.akismet.find(site.id, kind, digest) is not None:
            return akismet.thanked()
        asked = store.akismet.get(call.guid) if call.guid else store.akismet.find(site.id, "check", digest)
        comment = store.comments.get_by_external_id(site.id, asked.id) if asked else None
        decision = store.comments.decision(comment) if comment else None
    learned = tools.engine.policy.learned
    if spam:
        named = [label for label, clause in learned.items() if decision and clause == decision.clause]
        scores = dict.fromkeys(named or [_SPAM], 1.0)
    else:
        scores = dict.fromkeys(learned, 0.0)
    text = comment.body if comment and comment.body else call.text
    add_feedback(
        tools,
        text,
        scores,
        f"key:{key.id}",
        comment_id=comment.id if comment and comment.body else None,
        request_id=request_id,
    )
    with tools.database.begin() as store:
        store.akismet.forget(site.id, other, digest)
        with suppress(Raced):  # said twice at once
            said = AkismetCall(site_id=site.id, kind=kind, digest=digest, at=now, post_id=call.post_id)
            store.akismet.add(said, since=_EVER)
    return akismet.thanked()


def usage_of_month(tools: Tools, site_id: str, month: str) -> Usage:
    """Return a site's calls of a month, written YYYY-MM."""
    since = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    return _usage(tools, site_id, since, (since + timedelta(days=31)).replace(day=1))


def usage_of_period(tools: Tools, site_id: str, period: akismet.Period) -> Usage:
    """Return a site's calls of the time up to now."""
    now = tools.now()
    return _usage(tools, site_id, now - timedelta(days=_DAYS[period]), now + timedelta(seconds=1))


def _usage(tools: Tools, site_id: str, since: datetime, until: datetime) -> Usage:
    with tools.database.read() as store:
        counts = store.akismet.counts(site_id, since, until)
    return Usage(
        api_calls=counts["check"] + counts["spam"] + counts["ham"],
        spam=counts["answered_spam"],
        missed_spam=counts["spam"],
        false_positives=counts["ham"],
        checks=counts["check"],
    )


def _writer(call: Call) -> Writer:
    """Return who writes: a name that cannot be shown and addresses that are none are left out."""
    name = call.name if call.name and not unfit(call.name, lines=False) else "Anonymous"
    email = call.email if call.email and not addresses.problem_with(call.email) else None
    address = call.user_ip if networks.network_of(call.user_ip) else None
    return Writer(name, email, call.user_id or None, address=address)


def _article(tools: Tools, key: ApiKey, site: Site, call: Call, request_id: str) -> Article:
    """Return the article at the permalink, set up where none is known; InvalidInput for another site's page."""
    url = call.permalink.partition("#")[0]
    if len(url) > _LONGEST_URL or not _lies_on(site, url):
        raise InvalidInput(
            "permalink: Not an address of the site of this key. Send the page under discussion.",
            {"url": ["Not an address of the site."]},
        )
    with tools.database.read() as store:
        known = store.articles.get_by_url(site.id, url)
    if known is not None:
        return known
    given = ArticleFields(title=_title(url), url=url, language=site.language, elsewhere=True)
    return save_article(
        tools,
        site.id,
        given,
        external_id=external_id_of_page(url),
        actor=f"key:{key.id}",
        request_id=request_id,
    )


def _lies_on(site: Site, url: str) -> bool:
    """Return whether an address is one of a site that may have several origins."""
    return any(akismet.of_the_site(origin, url) for origin in site.origins)


def _title(url: str) -> str:
    """Return a headline for a page of which only the address is known: the address as people read it."""
    parts = urlsplit(url)
    place = f"{parts.hostname}{parts.path}{'?' if parts.query else ''}{parts.query}".rstrip("/")
    read = unquote(place)
    return (place if unfit(read, lines=False) else read)[:_LONGEST_TITLE]


def _digest(tools: Tools, call: Call) -> str:
    """Return a keyed hash of what makes a comment the same: page, author, text."""
    secret = tools.settings.secret_key.get_secret_value().encode()
    page = min(_page(call.permalink))
    content = json.dumps([page, call.name, call.email.lower(), " ".join(call.text.split())])
    return hmac.new(secret, b"akismet:" + content.encode(), hashlib.sha256).hexdigest()


def _page(url: str) -> tuple[str, ...]:
    return same_page(url) or (url,)


def _callback(tools: Tools, store: Store, site: Site, call: Call, now: datetime) -> str | None:
    """Return the endpoint of the site that wants a later verdict, set up where it is new; None for any other address.

    The plug-in knows us by its key alone, so the key is kept in full as the endpoint's secret, as all such secrets are.
    """
    url = call.callback
    safe = url.startswith("https://") or tools.settings.allow_private_webhooks
    if not url or len(url) > _LONGEST_URL or not safe or not _lies_on(site, url):
        return None
    known = [endpoint for endpoint in store.sites.endpoints(site.id) if endpoint.protocol == AKISMET]
    found = next((endpoint for endpoint in known if endpoint.url == url), None)
    if found is None:
        if len(known) >= _MOST_CALLBACKS:
            return None
        return store.sites.add_endpoint(
            Endpoint(site_id=site.id, url=url, secret=call.key, protocol=AKISMET, created_at=now)
        ).id
    if found.secret != call.key:
        found.secret = call.key
    if found.disabled_at is not None:
        store.sites.enable_endpoint(found.id)
    return found.id


def _is_spam(verdict: Verdict) -> bool | None:
    """Return the answer to a verdict; None: a person will decide."""
    return None if verdict is Verdict.HOLD else verdict is Verdict.REJECT


def _is_spam_in(comment: Comment) -> bool | None:
    """Return the answer for a comment as it stands; one that was withdrawn is not to be shown."""
    return None if comment.state == "held" else comment.state != "published"


def _is_blatant(decision: dict[str, object]) -> bool:
    scores = decision.get("scores")
    score = scores.get("spam", 0.0) if isinstance(scores, dict) else 0.0
    return (
        decision.get("verdict") == Verdict.REJECT and decision.get("clause") == "spam" and score >= _BLATANT
    )

"""Examples of the OpenAPI document: what is sent and answered, and a problem for each way to be refused."""

from typing import Any

from moderation.web.problems import SENTENCES

_ID, _AUTHOR, _STORY = (
    "019ab0c2f3a87d10a7b4c0f1d2e3a4b5",
    "019ab0c2f3a87d10a7b4c0f1d2e3a4b7",
    "019ab0c2f3a87d10a7b4c0f1d2e3a4b8",
)
_AT = "2026-11-23T12:00:00Z"
_NEXT = "5a1f3c6b2d400-019ab0c2f3a87d10a7b4c0f1d2e3a4b5"

COMMENT: dict[str, Any] = {
    "article": {"external_id": "story-4711"},
    "author": {"name": "Ani", "external_id": "reader-42", "email": "ani@example.com"},
    "body": "The corridor must stay open.",
    "external_id": "comment-815",
}
_DECISION: dict[str, Any] = {
    "verdict": "publish",
    "clause": None,
    "reasons": [],
    "scores": {"toxicity": 0.0312},
    "policy_version": "3f1c9a0b7d52",
    "model_versions": {"toxicity": "2026-11-20"},
}
DECIDED: dict[str, Any] = {
    "id": _ID,
    "external_id": "comment-815",
    "status": "published",
    "decision": _DECISION,
    "notice": None,
}
HELD: dict[str, Any] = DECIDED | {
    "status": "held",
    "decision": _DECISION | {"verdict": "hold", "clause": "unread-language"},
}
BATCH: dict[str, Any] = {"comments": [COMMENT]}
STORED: dict[str, Any] = DECIDED | {
    "article_id": _STORY,
    "author_id": _AUTHOR,
    "parent_id": None,
    "body": "The corridor must stay open.",
    "language": "en",
    "received_at": _AT,
    "published_at": _AT,
    "version": 1,
}
COMMENTS: dict[str, Any] = {"comments": [STORED], "next": _NEXT}
DECISIONS: dict[str, Any] = {
    "decisions": [
        {
            "id": "019ab0c2f3a97d10a7b4c0f1d2e3a4b6",
            "comment_id": _ID,
            "comment_external_id": "comment-815",
            "number": 1,
            "revision": 1,
            "made_by": "engine",
            "action": None,
            "decided_at": _AT,
            "decision": _DECISION,
        }
    ],
    "next": None,
}
ARTICLE: dict[str, Any] = {
    "id": _STORY,
    "external_id": "story-4711",
    "slug": "the-corridor",
    "title": "The Corridor",
    "byline": "Zabel Torosyan",
    "source": "The Paper",
    "url": "https://paper.example/the-corridor",
    "language": "en",
    "published_at": _AT,
    "updated_at": _AT,
    "discussion": "open",
    "closed_at": None,
    "closes_after_days": 30,
    "elsewhere": False,
}
ARTICLES: dict[str, Any] = {"articles": [ARTICLE], "next": None}
CHECK: dict[str, Any] = {"body": "The corridor must stay open."}
CHECKED: dict[str, Any] = _DECISION
BLOCK: dict[str, Any] = {"email_domain": "spam.example", "days": 30, "note": "Advertising, again and again."}
GIVEN: dict[str, Any] = {
    "id": "019ab0c2f3aa7d10a7b4c0f1d2e3a4b9",
    "subject_kind": "email_domain",
    "subject": "spam.example",
    "author_external_id": None,
    "penalty": "block",
    "clause": None,
    "comment_ids": [],
    "strike_ids": [],
    "given_by": "key:019ab0c2f3ab7d10a7b4c0f1d2e3a4ba",
    "starts_at": _AT,
    "ends_at": "2026-12-23T12:00:00Z",
    "expired_at": None,
    "lifted_at": None,
    "lifted_by": None,
    "note": "Advertising, again and again.",
    "given_with": None,
}
LIFTED: dict[str, Any] = GIVEN | {
    "lifted_at": "2026-11-24T09:30:00Z",
    "lifted_by": "key:019ab0c2f3ab7d10a7b4c0f1d2e3a4ba",
    "note": "A mistake of ours.",
}
BLOCKS: dict[str, Any] = {"blocks": [GIVEN], "next": None}
BLOCKED: dict[str, Any] = {"email": "ani@spam.example"}
FOUND: dict[str, Any] = {
    "blocked": True,
    "block": GIVEN,
    "sentence": "You cannot comment here until 23 December 2026.",
}
LIFT: dict[str, Any] = {"note": "A mistake of ours."}

# By code: status, title, detail.
_REFUSALS: dict[str, tuple[int, str, str]] = {
    "malformed": (400, "Bad Request", SENTENCES[400][1]),
    "not-signed-in": (401, "Sign in first", "Send the key of the site as 'Authorization: Bearer mk_...'."),
    "forbidden": (403, "Not allowed", "This key may not do this; it has no scope 'blocks'."),
    "author-blocked": (403, "You are blocked from commenting", "You cannot comment here until 30 November."),
    "not-found": (404, "Not found", "There is no such thing on this site."),
    "article-closed": (409, "The discussion is closed", "The discussion of this article is closed."),
    "conflict": (
        409,
        "Conflict",
        "The call with this Idempotency-Key is still running. Wait and send it again.",
    ),
    "too-large": (413, "Request Entity Too Large", SENTENCES[413][1]),
    "wrong-content-type": (415, "Unsupported Media Type", SENTENCES[415][1]),
    "invalid-input": (
        422,
        "What was sent is not valid",
        "See 'errors': each field with its reason and remedy.",
    ),
    "too-many-requests": (
        429,
        "Too many requests",
        "The key has made as many calls as it may for now. Wait, then go on.",
    ),
    "error": (500, "Something went wrong", SENTENCES[500][1]),
    "database-away": (
        503,
        "Not available right now",
        "The database cannot be reached. Nothing was stored; please try again later.",
    ),
    "storage-full": (
        507,
        "No space left to store it",
        "The disk of the database is full. Nothing was stored; please try again later.",
    ),
}
_MEMBERS: dict[str, dict[str, Any]] = {
    "author-blocked": {"clause": "spam", "until": "2026-11-30T12:00:00+00:00", "block": GIVEN["id"]},
    "invalid-input": {"errors": {"author.name": ["Missing. Add it."]}},
}


def status_of(code: str) -> int:
    """Return the status with which a refusal of this code is answered."""
    return _REFUSALS[code][0]


def problem(code: str, path: str) -> dict[str, Any]:
    """Return a problem document as a refusal of this code at this path looks."""
    status, title, detail = _REFUSALS[code]
    return {
        "type": f"https://comments.example.com/problems#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path.replace("{", "").replace("}", ""),
        "code": code,
        "request_id": "019ab0c2f3a87d10a7b4c0f1d2e3a4b6",
        **_MEMBERS.get(code, {}),
    }


TAKEN: dict[str, Any] = {
    "results": [
        {"comment": DECIDED, "problem": None},
        {"comment": None, "problem": problem("article-closed", "/api/v1/batch")},
    ]
}

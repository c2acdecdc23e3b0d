"""Examples of the OpenAPI document: what is sent and answered, and a problem for each error."""

from typing import Any

COMMENT: dict[str, Any] = {
    "article": {"external_id": "story-4711"},
    "author": {"name": "Ani", "external_id": "reader-42", "email": "ani@example.com"},
    "body": "The corridor must stay open.",
    "external_id": "comment-815",
}
DECIDED: dict[str, Any] = {
    "id": "019ab0c2f3a87d10a7b4c0f1d2e3a4b5",
    "external_id": "comment-815",
    "status": "published",
    "decision": {
        "verdict": "publish",
        "clause": None,
        "reasons": [],
        "scores": {"toxicity": 0.0312},
        "policy_version": "3f1c9a0b7d52",
        "model_versions": {"toxicity": "2026-11-20"},
    },
    "notice": None,
}
CHECK: dict[str, Any] = {"body": "The corridor must stay open."}
BLOCK: dict[str, Any] = {"email_domain": "spam.example", "days": 30, "note": "Advertising, again and again."}
BLOCKED: dict[str, Any] = {"email": "ani@example.com"}
LIFT: dict[str, Any] = {"note": "A mistake of ours."}

_CODES = {
    400: "malformed",
    401: "not-signed-in",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    413: "too-large",
    415: "wrong-content-type",
    422: "invalid-input",
    429: "too-many-requests",
    503: "database-away",
}


def problem(status: int, detail: str) -> dict[str, Any]:
    """Return a problem document as an error of this status looks."""
    code = _CODES[status]
    example: dict[str, Any] = {
        "type": f"https://moderation.example.org/problems#{code}",
        "title": "What went wrong",
        "status": status,
        "detail": detail,
        "instance": "/api/v1/comments",
        "code": code,
        "request_id": "019ab0c2f3a87d10a7b4c0f1d2e3a4b6",
    }
    return example | ({"errors": {"author.name": ["Missing. Add it."]}} if status == 422 else {})

"""The OpenAPI document: how to sign in, what each operation may be refused for, what its headers mean."""

from typing import Any

from apiflask import APIFlask

from moderation.web import api_examples, once
from moderation.web.api_shapes import Problem

# Why each refusal comes, by its code.
REFUSALS = {
    "malformed": "The request is not JSON, or cannot be read.",
    "not-signed-in": "No key, or one that is not known.",
    "forbidden": "The key may not do this.",
    "author-blocked": "The author is blocked; 'clause' and 'until' say why and how long.",
    "not-found": "There is no such thing on this site.",
    "article-closed": "The discussion is closed.",
    "conflict": "The id was used for something else, or a call with this Idempotency-Key is still running.",
    "too-large": "The body is larger than 256 KB.",
    "wrong-content-type": "The body is not sent as application/json.",
    "invalid-input": "A field is missing, unknown or wrong; 'errors' names each with reason and remedy.",
    "too-many-requests": "The key has made too many calls; Retry-After says when to go on.",
    "error": "An accident of ours, which was recorded.",
    "database-away": "The database is away; nothing was stored. Try again after Retry-After seconds.",
    "storage-full": "The disk of the database is full; nothing was stored, and reading goes on. Try again after Retry-After seconds.",
}
_ALWAYS = (
    "malformed",
    "not-signed-in",
    "forbidden",
    "too-many-requests",
    "error",
    "database-away",
    "storage-full",
)
_WITH_A_BODY = ("too-large", "wrong-content-type", "invalid-input", "conflict")
# Beside those that every operation has.
_OF_OPERATION = {
    ("post", "/comments"): ("author-blocked", "not-found", "article-closed"),
    ("post", "/check"): ("not-found",),
    ("post", "/blocks"): ("not-found",),
    ("post", "/blocks/{block_id}/lift"): ("not-found",),
    ("get", "/comments/{comment_id}"): ("not-found",),
    ("get", "/articles/{article_id}"): ("not-found",),
    ("get", "/blocks/{block_id}"): ("not-found",),
    ("get", "/comments"): ("invalid-input",),
    ("get", "/decisions"): ("invalid-input",),
    ("get", "/articles"): ("invalid-input",),
    ("get", "/blocks"): ("invalid-input",),
}
_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        'A key of your own for this call, such as "8e03978e-40d5-43dd", quoted or bare: the call sent again with it within 24 hours is done once '
        "and answered as it was, with 'Idempotent-Replayed: true'. With another call 422, while the first is running 409."
    ),
    "schema": {"type": "string", "maxLength": 202, "pattern": once.PATTERN},
}
_REPLAYED = {
    "description": "The call was done before; this is what it was answered.",
    "schema": {"type": "string", "enum": ["true"]},
}
_LINK = {
    "description": "The address of the next page, where there is one (RFC 8288).",
    "schema": {"type": "string"},
    "example": '</api/v1/comments?after=5a1f3c6b2d400-019ab0c2f3a8>; rel="next"',
}
_LIMIT = {
    "RateLimit-Policy": {
        "description": "How many calls the key may make, in how many seconds.",
        "schema": {"type": "string"},
        "example": '"default";q=1200;w=60',
    },
    "RateLimit": {
        "description": "How many are left, and in how many seconds they are all there again.",
        "schema": {"type": "string"},
        "example": '"default";r=1187;t=42',
    },
}
_ENDING = {
    "Deprecation": {
        "description": "Another key took the place of this one then (RFC 9745).",
        "schema": {"type": "string"},
        "example": "@1795435200",
    },
    "Sunset": {
        "description": "When this key opens nothing more (RFC 8594).",
        "schema": {"type": "string"},
        "example": "Tue, 24 Nov 2026 12:00:00 GMT",
    },
}


def describe(app: APIFlask) -> None:
    """Say in the OpenAPI document how to sign in, how errors look and what headers there are."""
    app.config.update(
        SECURITY_SCHEMES={
            "SiteKey": {"type": "http", "scheme": "bearer", "description": "The key of a site: mk_..."}
        },
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_SERVERS=False,
    )

    @app.spec_processor
    def complete(spec: dict[str, Any] | str) -> dict[str, Any] | str:
        """Add to every operation what holds for all, and what it may be refused for."""
        assert isinstance(spec, dict)  # SPEC_FORMAT is json
        schemas = spec.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = Problem.model_json_schema()
        for path, operations in spec["paths"].items():
            for method, operation in operations.items():
                _complete(operation, method, path)
        return spec


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    answers = operation["responses"]
    if method == "post":
        operation["requestBody"]["required"] = True
        operation.setdefault("parameters", []).append(_ONCE)
    if "202" in answers:
        answers["202"]["content"] = {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/CommentOut"},
                "example": api_examples.HELD,
            }
        }
    for answer in answers.values():
        answer["headers"] = (
            _LIMIT | _ENDING | ({"Idempotent-Replayed": _REPLAYED} if method == "post" else {})
        )
        if "next" in answer["content"]["application/json"].get("example", {}):
            answer["headers"]["Link"] = _LINK
    codes = (
        *_ALWAYS,
        *(_WITH_A_BODY if method == "post" else ()),
        *_OF_OPERATION.get((method, path.removeprefix("/api/v1")), ()),
    )
    for code in sorted(codes, key=api_examples.status_of):
        _refused(answers, code, path)


def _refused(answers: dict[str, Any], code: str, path: str) -> None:
    """Add a refusal to the answers of an operation; those of one status stand beside one another."""
    status = str(api_examples.status_of(code))
    answer = answers.setdefault(
        status,
        {
            "description": "",
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {},
                }
            },
        },
    )
    answer["description"] = f"{answer['description']} {REFUSALS[code]}".strip()
    examples = answer["content"]["application/problem+json"]["examples"]
    examples[code] = {"summary": REFUSALS[code], "value": api_examples.problem(code, path)}
    if code == "too-many-requests":
        answer["headers"] = _LIMIT | {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}
        }

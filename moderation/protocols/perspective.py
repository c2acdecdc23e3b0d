"""Perspective (Comment Analyzer v1alpha1): requests read, replies and errors written as its clients expect them.

https://developers.perspectiveapi.com/s/about-the-api-methods (the service ends with 2026)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from moderation.errors import InvalidInput
from moderation.protocols import strict_json

LONGEST = 20_480  # bytes of UTF-8
# What each attribute is evidence of here; the highest counts. `docs/perspective.md` says what that means.
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "TOXICITY": ("toxicity",),
    "SEVERE_TOXICITY": ("identity-attack", "threat"),
    "IDENTITY_ATTACK": ("identity-attack",),
    "INSULT": ("personal-attack",),
    "PROFANITY": ("profanity",),
    "THREAT": ("threat",),
    "SEXUALLY_EXPLICIT": ("sexual",),
    "ATTACK_ON_COMMENTER": ("attack-on-reader",),
    "ATTACK_ON_AUTHOR": ("attack-on-writer",),
    "OBSCENE": ("profanity", "sexual"),
    "SPAM": ("spam",),
}
_TWIN = "_EXPERIMENTAL"
_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_PROBABILITY = "PROBABILITY"


class PerspectiveError(Exception):
    """An answer that is an error, with what a Google client reads of it."""

    def __init__(
        self,
        message: str,
        *,
        code: int = 400,
        status: str = "INVALID_ARGUMENT",
        kind: str | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        error: dict[str, object] = {"code": code, "message": message, "status": status}
        if kind is not None:
            error["details"] = [{"@type": _ERROR, "errorType": kind, **(detail or {})}]
        self.body = {"error": error}


class _Message(BaseModel):
    # As Google reads JSON: names as documented or as in the schema beneath, and none that it does not know.
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class _Comment(_Message):
    text: str = ""
    type: Literal["PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED"] = "PLAIN_TEXT"


class _Wanted(_Message):
    score_type: str = _PROBABILITY
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0.0


class _Context(_Message):
    entries: tuple[_Comment, ...] | None = None
    article_and_parent_comment: dict[str, Any] | None = None


class _Request(_Message):
    comment: _Comment = _Comment()
    languages: tuple[str, ...] = ()
    context: _Context | None = None
    client_token: str | None = None
    session_id: str | None = None
    community_id: str | None = None


_Shape = TypeVar("_Shape", bound=_Request)


class Analyze(_Request):
    """What is asked of `comments:analyze`."""

    requested_attributes: dict[str, _Wanted] = {}
    do_not_store: bool = False
    span_annotations: bool = False


class _Value(_Message):
    value: Annotated[float, Field(ge=0, le=1)]
    type: str = _PROBABILITY


class _SpanScore(_Message):
    begin: int
    end: int
    score: _Value


class _Scores(_Message):
    summary_score: _Value | None = None
    span_scores: tuple[_SpanScore, ...] = ()


class Suggestion(_Request):
    """What is told by `comments:suggestscore`."""

    attribute_scores: dict[str, _Scores] = {}

    def values(self) -> dict[str, float]:
        """Return the score suggested for the comment as a whole by attribute."""
        return {
            name: scores.summary_score.value
            if scores.summary_score
            else max(s.score.value for s in scores.span_scores)
            for name, scores in self.attribute_scores.items()
            if scores.summary_score or scores.span_scores
        }


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of a stretch of the comment, in code points, by what they are evidence of."""

    start: int
    end: int
    scores: Mapping[str, float]

    def of(self, attribute: str) -> float:
        """Return the score of an attribute."""
        return max(self.scores.get(name, 0.0) for name in ATTRIBUTES[attribute.removesuffix(_TWIN)])


def read_analyze(body: bytes) -> Analyze:
    """Return the request, or raise PerspectiveError as the service does."""
    request = _read(Analyze, body)
    if not request.requested_attributes:
        raise PerspectiveError("Missing requested_attributes", kind="NO_REQUESTED_ATTRIBUTES")
    for name, wanted in request.requested_attributes.items():
        _check_attribute(name, wanted.score_type)
    return request


def read_suggestion(body: bytes) -> Suggestion:
    """Return what is suggested, or raise PerspectiveError as the service does."""
    request = _read(Suggestion, body)
    if not request.values():
        raise PerspectiveError("Missing attribute_scores", kind="INVALID_REQUEST")
    for name, scores in request.attribute_scores.items():
        _check_attribute(name, scores.summary_score.type if scores.summary_score else _PROBABILITY)
    return request


def check_languages(request: Analyze, read: frozenset[str]) -> None:
    """Raise PerspectiveError where a language asked for is not one that we read.

    Clients take the attribute named from the message, drop it and ask again: one attribute per error.
    """
    first = next(iter(request.requested_attributes))
    unread = [tag for tag in request.languages if tag.partition("-")[0].lower() not in read]
    if unread:
        raise PerspectiveError(
            f"Attribute {first} does not support request languages: {', '.join(request.languages)}",
            kind="LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            detail={
                "languageNotSupportedByAttributeError": {
                    "requestedLanguages": list(request.languages),
                    "attribute": first,
                }
            },
        )


def unread() -> PerspectiveError:
    """Return the error for a text that is in no language we read, whatever was said of it."""
    return PerspectiveError("Unable to detect language", kind="LANGUAGE_DETECTION_FAILED")


def write_scores(
    request: Analyze, whole: Scored, parts: Sequence[Scored], detected: str
) -> dict[str, object]:
    """Return the answer to `comments:analyze`; the spans are in UTF-16 code units, as JavaScript counts."""
    units = _utf16_offsets(request.comment.text)
    answered = {
        name: {
            "spanScores": [
                {"begin": units[part.start], "end": units[part.end], "score": _value(part.of(name))}
                for part in parts
            ],
            "summaryScore": _value(whole.of(name)),
        }
        for name, wanted in request.requested_attributes.items()
        if whole.of(name) >= wanted.score_threshold
    }
    return {
        "attributeScores": answered,
        "languages": list(request.languages) or [detected],
        **({} if request.languages else {"detectedLanguages": [detected]}),
        **({} if request.client_token is None else {"clientToken": request.client_token}),
    }


def write_thanks(suggestion: Suggestion, detected: str) -> dict[str, object]:
    """Return the answer to `comments:suggestscore`."""
    return {
        **({} if suggestion.client_token is None else {"clientToken": suggestion.client_token}),
        "requestedLanguages": list(suggestion.languages),
        "detectedLanguages": [detected],
    }


def discovery(origin: str) -> dict[str, object]:
    """Return the document from which Google's client libraries build themselves (API discovery v1)."""
    text = {"type": "string", "location": "query"}

    def method(name: str, sent: str, answered: str) -> dict[str, object]:
        path = f"v1alpha1/comments:{name}"
        return {
            "id": f"commentanalyzer.comments.{name}",
            "path": path,
            "flatPath": path,
            "httpMethod": "POST",
            "parameters": {},
            "parameterOrder": [],
            "request": {"$ref": sent},
            "response": {"$ref": answered},
        }

    shapes = (
        "AnalyzeCommentRequest",
        "AnalyzeCommentResponse",
        "SuggestCommentScoreRequest",
        "SuggestCommentScoreResponse",
    )
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "title": "Perspective Comment Analyzer API",
        "protocol": "rest",
        "rootUrl": f"{origin.rstrip('/')}/",
        "servicePath": "",
        "baseUrl": f"{origin.rstrip('/')}/",
        "batchPath": "batch",
        "parameters": dict.fromkeys(("key", "alt", "fields", "prettyPrint", "quotaUser"), text),
        "schemas": {shape: {"id": shape, "type": "object", "properties": {}} for shape in shapes},
        "resources": {
            "comments": {
                "methods": {
                    "analyze": method("analyze", *shapes[:2]),
                    "suggestscore": method("suggestscore", *shapes[2:]),
                }
            }
        },
    }


def _read(shape: type[_Shape], body: bytes) -> _Shape:
    try:
        request = shape.model_validate(strict_json.parse(body))
    except InvalidInput as error:
        raise PerspectiveError(f"Invalid JSON payload received. {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = strict_json.printable(".".join(map(str, first["loc"])))
        raise PerspectiveError(
            f"Invalid value at '{where}': {first['msg']}", kind="INVALID_REQUEST"
        ) from None
    context = request.context
    if context and context.entries is not None and context.article_and_parent_comment is not None:
        raise PerspectiveError(
            "Context has both entries and article_and_parent_comment. Send one of them.",
            kind="INVALID_REQUEST",
        )
    if not request.comment.text.strip():
        raise PerspectiveError("Comment must be non-empty.", kind="COMMENT_EMPTY")
    if len(request.comment.text.encode()) > LONGEST:
        raise PerspectiveError("Comment text too long.", kind="COMMENT_TOO_LONG")
    return request


def _check_attribute(name: str, score_type: str) -> None:
    if name.removesuffix(_TWIN) not in ATTRIBUTES:
        raise PerspectiveError(
            f"Unknown requested attribute: {strict_json.printable(name)}", kind="INVALID_REQUEST"
        )
    if score_type not in (_PROBABILITY, "SCORE_TYPE_UNSPECIFIED"):
        asked = strict_json.printable(score_type)
        raise PerspectiveError(
            f"Requested score type {asked} is not supported by attribute {name}", kind="INVALID_REQUEST"
        )


def _value(score: float) -> dict[str, object]:
    return {"value": round(score, 6), "type": _PROBABILITY}


def _utf16_offsets(text: str) -> list[int]:
    """Return for each code point, and the end, how many UTF-16 code units come before it."""
    offsets = [0]
    for char in text:
        offsets.append(offsets[-1] + 1 + (char > "\uffff"))
    return offsets

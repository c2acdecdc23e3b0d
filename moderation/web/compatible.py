"""Doors of other services at their own addresses: Perspective and OpenAI moderations, answered in their own forms.

A site moves here by changing the address; the key is one of its API keys. What is asked is scored and not stored; what
is suggested becomes labelled rows.
"""

from apiflask import APIBlueprint
from flask import Response, g, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from moderation.errors import InvalidInput, ModerationError
from moderation.protocols import openai as openai_protocol
from moderation.protocols import perspective as perspective_protocol
from moderation.protocols.openai import OpenAIError
from moderation.protocols.perspective import PerspectiveError, Scored
from moderation.services import labelling, scoring
from moderation.services.scoring import Evidence
from moderation.telemetry import current_request_id
from moderation.web.api import find_key
from moderation.web.toolbox import tools

perspective = APIBlueprint("perspective", __name__, enable_openapi=False)
openai = APIBlueprint("openai", __name__, enable_openapi=False)

# What a key must be allowed to do; one without scopes may do everything its site may.
_SCOPES = {
    "perspective.analyze": "check",
    "perspective.suggest_score": "feedback",
    "openai.moderations": "check",
}
_OPEN = ("perspective.discovery",)
# Suggested by a program for an attribute; only what a model has a head for can be learned.
_LABELS = {
    "TOXICITY": "toxicity",
    "IDENTITY_ATTACK": "identity-attack",
    "INSULT": "personal-attack",
    "ATTACK_ON_COMMENTER": "personal-attack",
    "ATTACK_ON_AUTHOR": "personal-attack",
    "PROFANITY": "profanity",
    "THREAT": "threat",
    "SEXUALLY_EXPLICIT": "sexual",
    "SPAM": "spam",
}


@perspective.before_request
def know_a_google_key() -> None:
    """Admit the key of a site, sent as Google's clients send theirs."""
    if request.endpoint in _OPEN:
        return
    given = request.args.get("key") or request.headers.get("X-Goog-Api-Key", "")
    if not _admitted(given):
        raise PerspectiveError("API key not valid. Please pass a valid API key.")


@openai.before_request
def know_a_bearer() -> None:
    """Admit the key of a site, sent as a bearer token."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not _admitted(given.strip()):
        raise OpenAIError(
            "Incorrect API key provided. Send a key of this site as a bearer token.",
            status=401,
            code="invalid_api_key",
        )


def _scored(texts: list[str]) -> list[Evidence]:
    return scoring.score_texts(tools().engine, texts, tools().now())


def _language_of(body: str) -> str:
    """Return the language of a text (BCP 47); the policy's where the text does not tell, as an emoji does not."""
    engine = tools().engine
    return engine.language_of(body) or engine.policy.language


def _admitted(given: str) -> bool:
    key = find_key(given) if given and given.isascii() else None
    if key is None or (key.scopes and _SCOPES[request.endpoint or ""] not in key.scopes):
        return False
    g.key = key
    return True


@perspective.get("/$discovery/rest")
def discovery() -> Response:
    """Return the document from which Google's client libraries build themselves."""
    return jsonify(perspective_protocol.discovery(tools().settings.base_url))


@perspective.post("/v1alpha1/comments:analyze")
def analyze() -> Response:
    """Score a comment, and each of its sentences where span annotations are asked for."""
    asked = perspective_protocol.read_analyze(request.get_data())
    body = asked.comment.text
    perspective_protocol.check_languages(asked, scoring.languages_read(tools().engine.policy))
    places = scoring.sentences_of(body) if asked.span_annotations else []
    whole, *parts = _scored([body, *(body[start:end] for start, end in places)])
    if not whole.read:
        raise perspective_protocol.unread()
    scored = Scored(0, len(body), whole.scores)
    spans = [Scored(start, end, part.scores) for (start, end), part in zip(places, parts, strict=True)] or [
        scored
    ]
    return jsonify(perspective_protocol.write_scores(asked, scored, spans, _language_of(body)))


@perspective.post("/v1alpha1/comments:suggestscore")
def suggest_score() -> Response:
    """Keep what a site says of a comment as a labelled row."""
    told = perspective_protocol.read_suggestion(request.get_data())
    scores: dict[str, float] = {}
    for attribute, score in told.values().items():
        label = _LABELS.get(attribute.removesuffix("_EXPERIMENTAL"))
        if label is not None:
            scores[label] = max(score, scores.get(label, 0.0))
    if scores:
        labelling.add_feedback(
            tools(), told.comment.text, scores, f"key:{g.key.id}", request_id=current_request_id()
        )
    return jsonify(perspective_protocol.write_thanks(told, _language_of(told.comment.text)))


@openai.post("/v1/moderations")
def moderations() -> Response:
    """Score texts by the categories of OpenAI's moderation endpoint."""
    asked = openai_protocol.read(request.get_data())
    found = _scored(asked.texts)
    if not all(evidence.read for evidence in found):
        raise OpenAIError(
            "A text is in a language that is not read here, and has no scores.",
            code="unsupported_language",
            param="input",
        )
    return jsonify(openai_protocol.write(asked, [evidence.scores for evidence in found]))


@perspective.errorhandler(PerspectiveError)
def as_google(error: PerspectiveError) -> Response:
    """Return the error as Google's clients read it."""
    return make_response(jsonify(error.body), error.code)


@perspective.errorhandler(ModerationError)
def as_google_says(error: ModerationError) -> Response:
    """Return an error of ours in Google's form."""
    if isinstance(error, InvalidInput):
        return as_google(PerspectiveError(str(error), kind="INVALID_REQUEST"))
    status = {503: "UNAVAILABLE", 429: "RESOURCE_EXHAUSTED"}.get(error.status, "INTERNAL")
    return _with_wait(as_google(PerspectiveError(str(error), code=error.status, status=status)), error)


@perspective.errorhandler(HTTPException)
def as_google_refuses(error: HTTPException) -> Response:
    """Return what the framework refuses in Google's form."""
    code = error.code or 500
    status = {404: "NOT_FOUND"}.get(code, "INVALID_ARGUMENT" if code < 500 else "INTERNAL")
    return as_google(PerspectiveError(error.description or error.name, code=code, status=status))


@openai.errorhandler(OpenAIError)
def as_openai(error: OpenAIError) -> Response:
    """Return the error as OpenAI's clients read it."""
    return make_response(jsonify(error.body), error.status)


@openai.errorhandler(ModerationError)
def as_openai_says(error: ModerationError) -> Response:
    """Return an error of ours in OpenAI's form."""
    return _with_wait(as_openai(OpenAIError(str(error), status=error.status, code=error.code)), error)


@openai.errorhandler(HTTPException)
def as_openai_refuses(error: HTTPException) -> Response:
    """Return what the framework refuses in OpenAI's form."""
    return as_openai(OpenAIError(error.description or error.name, status=error.code or 500))


def _with_wait(response: Response, error: ModerationError) -> Response:
    wait = getattr(error, "retry_after", 5 if error.status == 503 else None)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response

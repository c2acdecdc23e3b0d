"""OpenAI moderations: `POST /v1/moderations` read and answered as its clients expect.

https://platform.openai.com/docs/api-reference/moderations
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moderation.errors import InvalidInput
from moderation.protocols import strict_json

# What each category is evidence of here: all of these must hold. A category without any is not scored.
CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "harassment": ("personal-attack",),
    "harassment/threatening": ("threat",),
    "hate": ("identity-attack",),
    "hate/threatening": ("identity-attack", "threat"),
    "illicit": (),
    "illicit/violent": (),
    "self-harm": (),
    "self-harm/intent": (),
    "self-harm/instructions": (),
    "sexual": ("sexual",),
    "sexual/minors": (),
    "violence": (),
    "violence/graphic": (),
}
FLAGGED_FROM = 0.5
_MOST = 64  # texts in one request
_LONGEST = 20_000  # characters


class OpenAIError(Exception):
    """An answer that is an error, in the form that the clients read."""

    def __init__(
        self, message: str, *, status: int = 400, code: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        kind = "server_error" if status >= 500 else "invalid_request_error"
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["text"]
    text: str


class Request(BaseModel):
    """What is asked; `texts` are what is scored, one result for each."""

    model_config = ConfigDict(extra="ignore", frozen=True)  # as there: fields to come are no error

    input: str | Annotated[tuple[str, ...] | tuple[_Part, ...], Field(min_length=1, max_length=_MOST)]
    model: str = "omni-moderation-latest"

    @property
    def texts(self) -> list[str]:
        """Return the texts; parts make one, with a line end between them."""
        if isinstance(self.input, str):
            return [self.input]
        strings = [part for part in self.input if isinstance(part, str)]
        return strings or ["\n".join(part.text for part in self.input if isinstance(part, _Part))]


def read(body: bytes) -> Request:
    """Return the request, or raise OpenAIError naming the parameter that is wrong."""
    try:
        request = Request.model_validate(strict_json.parse(body))
    except InvalidInput as error:
        raise OpenAIError(f"We could not parse the JSON body of your request. {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        param = str(first["loc"][0]) if first["loc"] else "input"
        raise OpenAIError(
            "Invalid value for 'input': only a string, a list of strings or a list of text parts is read here; "
            "pictures are not."
            if param == "input"
            else f"Invalid value for '{param}'.",
            param=param,
        ) from None
    if any(len(text) > _LONGEST for text in request.texts):
        raise OpenAIError(f"A text has more than {_LONGEST} characters. Shorten it.", param="input")
    return request


def write(request: Request, scores: Sequence[Mapping[str, float]]) -> dict[str, object]:
    """Return the answer to texts with this evidence; what is not scored is 0 and applies to no input."""
    return {
        "id": f"modr-{secrets.token_hex(12)}",
        "model": request.model,
        "results": [_result(evidence) for evidence in scores],
    }


def _result(evidence: Mapping[str, float]) -> dict[str, object]:
    scored = {
        category: min((evidence.get(offence, 0.0) for offence in offences), default=0.0)
        for category, offences in CATEGORIES.items()
    }
    categories = {category: score >= FLAGGED_FROM for category, score in scored.items()}
    return {
        "flagged": any(categories.values()),
        "categories": categories,
        "category_scores": {category: round(score, 6) for category, score in scored.items()},
        "category_applied_input_types": {
            category: ["text"] if offences else [] for category, offences in CATEGORIES.items()
        },
    }

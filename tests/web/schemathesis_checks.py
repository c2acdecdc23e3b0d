"""For what a call may be refused with 422 although it fits its schema: what JSON Schema has no words for."""

import re

import schemathesis

# Sentence of the refusal -> what a schema cannot say.
BEYOND_A_SCHEMA = {
    r"The e-mail address does not look right": "whether an address could receive mail",
    r"is no network address|Write an address such as 192": "whether digits and points are an address",
    r"Write a domain such as": "whether a name could be a domain",
    r"There is no such clause": "the clauses of the policy in force, which changes without the document",
    r"must be 1 to 200 printable characters": "what Unicode says of a character",
    r"(comment|name) is empty": "whether anything of a text can be seen",
    r"(comment|name) has (a control character|a NUL|half of a surrogate|markup|< or >)": "Unicode and markup",
    r"(comment|name) (has a sign that turns|did not arrive whole|has more than \d+ marks)": "Unicode",
    r"Shorten it to": "the longest comment of the policy in force",
    r"Remove the control characters": "what Unicode says of a character",
    r"Used before. Give every call a key of its own": "what came before",
}


@schemathesis.check
def refused_only_for_what_a_schema_cannot_say(ctx, response, case):
    """Hold a 422 to data of its schema against the reasons above."""
    if response.status_code != 422 or not case.meta or not case.meta.generation.mode.is_positive:
        return
    for field, sentences in response.json().get("errors", {}).items():
        for sentence in sentences:
            if not any(re.search(known, sentence) for known in BEYOND_A_SCHEMA):
                raise AssertionError(f"{field}: {sentence} - the schema could say so")

"""The API for people: /docs, made of the same OpenAPI document that programs read at /openapi.json."""

import json
from typing import Any, cast

from apiflask import APIBlueprint, APIFlask
from flask import current_app, render_template

blueprint = APIBlueprint("api_page", __name__, enable_openapi=False)


@blueprint.get("/docs")
def docs() -> str:
    """Show every call with its fields, answers, errors and examples; nothing is loaded from elsewhere."""
    document = cast("dict[str, Any]", cast("APIFlask", current_app).spec)
    calls = [
        {"method": method.upper(), "path": path, **operation}
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return render_template(
        "api_docs.html",
        document=document,
        calls=calls,
        schemas=document["components"]["schemas"],
        written=lambda value: json.dumps(value, ensure_ascii=False, indent=2),
    )

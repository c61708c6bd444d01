"""Documents about the API itself: its OpenAPI description, and a page for each kind of problem."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from markupsafe import Markup

from api.problems.catalogue import ENTRIES
from api.rest.operations import PREFIX
from child_index import messages
from child_index.errors import NotFound

_PAGE = Markup(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} – Child Index</title>'
    "<h1>{title}</h1><p>{advice}</p><p><code>{code}</code></p></html>"
)


def blueprint(description: Mapping[str, Any]) -> Blueprint:
    """Return the endpoints; the description is written out once, not on each request."""
    documents = Blueprint("documents", __name__)
    written = json.dumps(description)
    lines = json.dumps(messages.json_schema())

    @documents.get(f"{PREFIX}/openapi.json")
    def openapi() -> Response:
        """Describe every endpoint (OpenAPI 3.1)."""
        return Response(written, mimetype="application/json")

    @documents.get(f"{PREFIX}/feed-lines.json")
    def feed_lines() -> Response:
        """Describe every line of a batch (JSON Schema): what a sender can check against."""
        return Response(lines, mimetype="application/schema+json")

    @documents.get("/problems/<string:code>")
    def problem(code: str) -> Response:
        """Say what a refusal means and what helps: a page for people, JSON for programs."""
        entry = ENTRIES.get(code)
        if entry is None:
            raise NotFound
        texts = {"code": code, "title": entry.title, "advice": entry.advice}
        if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
            return Response(_PAGE.format(**texts), mimetype="text/html")
        return Response(json.dumps(texts), mimetype="application/json")

    return documents

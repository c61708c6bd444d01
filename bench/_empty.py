"""An empty Flask endpoint: the least that HTTP can cost under the same server."""

from flask import Flask


def application() -> Flask:
    """One address that answers nothing at all."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", view_func=lambda: "")
    return app

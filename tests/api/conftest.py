"""The doors, in process, on a real store, with a clock that is moved by hand."""

import io

import pytest

from api import create_app
from tests.api.doors import Doors


@pytest.fixture
def doors(index, clock):
    """Put the application on the open index; its log goes into memory."""
    log = io.StringIO()
    app = create_app(index, clock=clock, log_to=log)
    return Doors(app=app, index=index, clock=clock, log=log)

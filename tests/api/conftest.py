"""The doors, in process, on a real store, with a clock that is moved by hand."""

import io

import pytest

from api import create_app
from tests.api.doors import Doors


@pytest.fixture
def doors(index, settings, clock):
    """Put the application on the open index; its log goes into memory."""
    log = io.StringIO()
    return Doors(
        app=create_app(index, clock=clock, log_to=log), settings=settings, clock=clock, log=log
    )

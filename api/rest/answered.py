"""How answers leave: with their version as an ETag, and no faster for one child than another."""

import functools
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from api.rest.asked import index

View = Callable[..., Any]


def etag(version: str | int) -> Mapping[str, str]:
    """Return the header that names a version."""
    return {"ETag": f'"{version}"'}


def quantised(view: View) -> View:
    """Round the time of every answer of ``view``, refusals too, up to the next whole quantum.

    With equal work this closes the timing oracle on what is not shown (promises.md 0.9). The
    duration is measured here because only the door can hold an answer back.
    """

    @functools.wraps(view)
    def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the view takes and gives
        quantum = index().settings.answer_quantum_ms / 1000
        started = time.monotonic()
        try:
            return view(*args, **kwargs)
        finally:
            if quantum:
                taken = time.monotonic() - started
                time.sleep(math.ceil(taken / quantum) * quantum - taken)

    return timed

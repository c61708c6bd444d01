"""Pure: from an instant to the civil date in England, the only zone the rules know (E)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def civil_date(at: datetime) -> date:
    """Return the date in Europe/London at an aware instant.

    >>> from datetime import UTC
    >>> civil_date(datetime(2027, 3, 31, 23, 30, tzinfo=UTC))
    datetime.date(2027, 4, 1)
    """
    return at.astimezone(LONDON).date()

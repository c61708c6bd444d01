"""The clock that the tests hand to the doors: it stands still until it is moved."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ENGLAND = ZoneInfo("Europe/London")
START = datetime(2026, 11, 23, 9, 0, tzinfo=ENGLAND)


@dataclass(slots=True)
class Clock:
    """Call it for the instant, aware and in UTC; a moved clock may also go back."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)

    def move_to(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
        """Stand at this time of day in England."""
        self.now = datetime(year, month, day, hour, minute, tzinfo=ENGLAND)

    def move_on(self, by: timedelta) -> None:
        """Let this much real time pass, whatever England's clocks do meanwhile."""
        self.now = self().astimezone(UTC) + by

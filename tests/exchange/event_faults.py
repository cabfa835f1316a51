"""What can happen to user events on their way: lost, told twice, in the wrong order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class EventFaults:
    """Counts of events still to be spoiled. `hold`: an event waits until the next one has gone before it."""

    drop: int = 0
    duplicate: int = 0
    hold: int = 0
    held: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> list[Event]:
        if self.drop:
            self.drop -= 1
            return []
        if self.hold:
            self.hold -= 1
            self.held.append(event)
            return []
        events = [event, *reversed(self.held)]
        self.held.clear()
        if self.duplicate:
            self.duplicate -= 1
            events.append(event)
        return events

    def clear(self) -> None:
        """From now on everything arrives. What was held is lost."""
        self.drop = self.duplicate = self.hold = 0
        self.held.clear()

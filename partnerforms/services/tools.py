"""What services take from the installation: instruments, templates, addresses, and which day it is."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from partnerforms.documents.shelf import Shelf
from partnerforms.engine.library import Library


@dataclass(frozen=True)
class Tools:
    """`base_url` is where links lead, `domain` ends Message-IDs, `zone` decides the day where an organization has
    not said (None: the machine's), `secret_key` seals what must be kept secret."""

    library: Library
    shelf: Shelf
    base_url: str
    domain: str = "partnerforms.invalid"
    zone: tzinfo | None = None
    secret_key: str = ""

    def day(self, moment: datetime) -> date:
        """The day of a moment where the program's people live."""
        return moment.astimezone(self.zone).date()

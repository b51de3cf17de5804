"""How often one asker may ask, counted in memory: no address is kept, and nothing survives the process."""

import hmac
import ipaddress
import secrets
import threading
from datetime import datetime, timedelta


class Throttle:
    """At most so many from one network address in a while. Who asks is known by a digest under a key that changes."""

    def __init__(self, most: int, span: timedelta) -> None:
        self.most, self.span = most, span
        self._lock = threading.Lock()
        self._began: datetime | None = None
        self._key = b""
        self._counted: dict[bytes, int] = {}

    def allow(self, asker: str, now: datetime) -> bool:
        """Count one more of this asker. False when it is one too many."""
        with self._lock:
            if self._began is None or now - self._began > self.span:
                self._began, self._key, self._counted = now, secrets.token_bytes(32), {}
            who = hmac.digest(self._key, _network(asker).encode(), "sha256")
            self._counted[who] = self._counted.get(who, 0) + 1
            return self._counted[who] <= self.most


def _network(asker: str) -> str:
    """What one asker cannot change at will: an address of IPv4, the front half of one of IPv6."""
    try:
        address = ipaddress.ip_address(asker)
    except ValueError:
        return asker
    return asker if address.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))

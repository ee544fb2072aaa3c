"""What tells one phone from another: a random name in a cookie, with a keyed hash, so that only names from here count.

It says nothing of whose phone it is. Whoever throws his cookies away may vote again, as with any vote without a login.
"""

import hmac
import secrets
import time
from collections import OrderedDict
from pathlib import Path

from filelock import FileLock, Timeout

from vae_core import sealed_files

COOKIE = "vae-lab-voter"
LENGTH = 32  # bytes of the key
BURST, EACH_SECOND = 5.0, 1.0  # votes of one phone
ARRIVALS, ARRIVING = 600.0, 50.0  # new passes: a full hall at once, then so many a second
REMEMBERED = 4000  # phones whose last votes are remembered, for their rate


class Passes:
    """The processes of one cache folder share the key."""

    def __init__(self, folder: Path | None) -> None:
        self.folder, self.key = folder, b""
        self.rates: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def issue(self) -> str | None:
        """A new pass; None: too many in a short time."""
        name = secrets.token_urlsafe(12)
        return f"{name}.{self._seal(name)}" if self.allows("", ARRIVALS, ARRIVING) else None

    def voter(self, cookie: str) -> str | None:
        """Who votes; None: this pass is not from here."""
        name, _, seal = cookie.partition(".")
        known = name.isascii() and seal.isascii() and hmac.compare_digest(seal, self._seal(name))
        return name if name and known else None

    def allows(self, voter: str, burst: float = BURST, each_second: float = EACH_SECOND) -> bool:
        """Whether this phone may send another vote now."""
        now = time.monotonic()
        left, since = self.rates.pop(voter, (burst, now))
        left = min(burst, left + each_second * (now - since))
        self.rates[voter] = (left - 1 if left >= 1 else left, now)
        while len(self.rates) > REMEMBERED:
            self.rates.popitem(last=False)
        return left >= 1

    def _seal(self, name: str) -> str:
        self.key = self.key or self._kept() or secrets.token_bytes(LENGTH)
        return hmac.new(self.key, name.encode(), "sha256").hexdigest()[:32]

    def _kept(self) -> bytes:
        """The key on the disk, made by whoever comes first; none where the folder cannot be written."""
        if not self.folder:
            return b""
        path = self.folder / "hall.key"
        try:
            sealed_files.make(self.folder)
            with FileLock(path.with_suffix(".key-lock"), timeout=2):
                if not path.exists() or path.stat().st_size != LENGTH:
                    path.touch(0o600)
                    path.write_bytes(secrets.token_bytes(LENGTH))
                return path.read_bytes()
        except (OSError, Timeout):
            return b""

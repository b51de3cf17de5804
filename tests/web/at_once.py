"""Things that several people do at the same moment."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread


def at_once(deeds: Sequence[Callable[[], int]]) -> list[int]:
    """Does all of them in threads that start together; the statuses, sorted."""
    start, found = Barrier(len(deeds)), list[int]()

    def do(deed: Callable[[], int]) -> None:
        start.wait()
        found.append(deed())

    threads = [Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)

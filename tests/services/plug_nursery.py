"""Workers for tests to kill: reads the URL of a database a line, and does one import there in a process of its own.

The process says "begun" and its id when it has claimed the job; "ended" stands after it, however it ended. Everything
is loaded before the first one, so that they begin at once.
"""

import os
import sys
import threading

from people_helpers import TOOLS
from sqlalchemy import create_engine

from partnerforms.database import prepare
from partnerforms.longwork import LongWork, Work
from partnerforms.longwork.importing import import_organizations


def work(url: str) -> None:
    engine = create_engine(url)
    prepare(engine)
    stop = threading.Event()

    def one_import(work: Work) -> None:
        print("begun", os.getpid(), flush=True)
        import_organizations(work)
        stop.set()

    LongWork(engine, TOOLS, {"import": one_import}).run(stop)
    engine.dispose()


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(line.strip())
            os._exit(0)
        os.waitpid(child, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main()

"""Run a module that ends when whoever started it ends, however that happens.

`python -m local.leash MODULE ARGUMENTS`, with a pipe for standard input.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_our_parent() -> None:
    while os.read(0, 1024):  # unbuffered, since nobody may hold a lock when Python ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    sys.argv = sys.argv[1:]
    threading.Thread(target=end_with_our_parent, daemon=True).start()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""Finds a Python that is new enough, then starts. This file must be readable by every Python 3."""

import os
import shutil
import subprocess
import sys

NEEDED = (3, 11)
NEWER = ["python3.%d" % minor for minor in range(20, NEEDED[1] - 1, -1)] + ["python3", "python", "py"]


def is_new_enough(program: str) -> bool:
    """Whether a program is a Python that works (a pyenv shim may be none) and is new enough."""
    check = "import sys; sys.exit(sys.version_info < %r)" % (NEEDED,)
    try:
        return subprocess.call([program, "-c", check], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def start_newer() -> int:
    """Run the same command with a newer Python from PATH, or say what is missing. Gives the exit status."""
    for name in NEWER:
        program = shutil.which(name)
        if program and is_new_enough(program):
            return subprocess.call([program, os.path.dirname(os.path.abspath(__file__))] + sys.argv[1:])
    sys.stderr.write(
        "Inlay needs Python %d.%d or newer. This is Python %s, and no newer one is on PATH: install one\n"
        "(on Debian and Ubuntu: apt install python3, on Windows and macOS: from python.org), then run this again.\n"
        % (NEEDED + (sys.version.split()[0],))
    )
    return 2


if __name__ == "__main__":
    if sys.version_info < NEEDED:
        sys.exit(start_newer())
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from installer.commands import main

    sys.exit(main(sys.argv[1:]))

"""An engine in a process of its own whose work never ends by itself, for tests that kill it: `slow_engine.py`."""

import time

import numpy as np
from inlay.api.serve import serve
from inlay.pipelines.builtin import BuiltinFill
from inlay.pipelines.family import Cancelled
from inlay.pipelines.roster import Roster


class SlowFamily(BuiltinFill):
    """Repaints seed 0 at once, and any other seed never."""

    def repaint(self, task, watch):
        watch.progress(0.5, "half way")
        while task.seed:
            if watch.is_cancelled():
                raise Cancelled
            time.sleep(0.002)
        return np.zeros_like(task.pixels)

    def version(self):
        return "portable"


if __name__ == "__main__":
    serve(roster=Roster.of(SlowFamily()))

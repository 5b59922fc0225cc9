"""What all tests share."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny models gain nothing by threads that wait for each other
os.environ.setdefault("INLAY_DTYPE", "float32")  # what is compared must not depend on the machine's instructions
os.environ |= {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}  # the panel is tested in English, whatever the machine speaks

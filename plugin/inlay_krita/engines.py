"""Which engine is used, and the connections to it. An engine of before serves what it began to the end."""

from __future__ import annotations

import threading
from typing import Protocol

from .client import Endpoint, Engine
from .listening import LeftError


class Way(Protocol):
    """How an engine is found: started on this machine (`Launcher`), or asked for elsewhere (`Remote`)."""

    @property
    def address(self) -> str:
        """By which notes name this engine; "" for the one of this machine."""

    @property
    def stage_again(self) -> str:
        """What is told while it is looked for again."""

    def find(self) -> Endpoint | None:
        """Where it is; None where it could be started but does not run. Raises EngineError."""

    def ensure(self) -> Endpoint:
        """Where it is, started if need be. Raises EngineError when it cannot be had."""


class Engines:
    """The engine that is used, connected; started where that is possible. Thread-safe."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._connected: dict[str, Engine] = {}  # by address
        self._is_closed = False
        self._lock = threading.Lock()

    @property
    def way(self) -> Way:
        """To the engine that new work goes to."""
        return self._way

    def turn_to(self, way: Way) -> None:
        """Use another engine from now on. What is under way keeps its own."""
        self._way = way

    def connect(self, way: Way | None = None) -> Engine:
        """way: to the engine that is meant; None for the one that is used now.

        Raises EngineError when no engine can be had, and LeftError after `close`.
        """
        way = way or self._way
        endpoint = way.ensure()
        with self._lock:
            if self._is_closed:
                raise LeftError
            engine = self._connected.get(way.address)
            if engine is None or engine.endpoint != endpoint:
                if engine:
                    engine.close()
                engine = self._connected[way.address] = Engine(endpoint)
            return engine

    def close(self) -> None:
        """Once and for all: Krita ends."""
        with self._lock:
            self._is_closed = True
            for engine in self._connected.values():
                engine.close()

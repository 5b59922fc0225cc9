#!/bin/sh
# Stands for the engine's command inside a Krita under test: asks conftest.py's EngineKeeper to start the real one.
touch "$INLAY_HOME/wanted"

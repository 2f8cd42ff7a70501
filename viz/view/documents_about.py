from __future__ import annotations

from typing import Any


def about(server: Any, request: Any) -> str:
    return "<h1>About</h1>"


def teach(server: Any, request: Any) -> str:
    return "<h1>Teach</h1>"

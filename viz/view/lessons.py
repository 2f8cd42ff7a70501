"""Lessons (placeholder until their texts are read)."""

from __future__ import annotations

from typing import Any


def home(server: Any, request: Any) -> str:
    return "<h1>Lessons</h1>"

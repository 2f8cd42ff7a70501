from __future__ import annotations

from typing import Any


def data(server: Any, request: Any) -> str:
    return "<h1>Data</h1>"

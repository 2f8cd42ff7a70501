"""Metrics of a finished run: one file per family, found by being here. See `sim.metrics.base`."""

from sim.metrics.base import Metric, Result, check_metric, register, registry

__all__ = ["Metric", "Result", "check_metric", "register", "registry"]

"""The facts a credible city shows, and how each is measured on simulated data.

`facts.toml` says what is claimed and which range is accepted; the modules beside it compute each
part from finished runs with the estimators that gave the real cities' figures.
"""

from experiments.facts.table import Fact, Part, facts

__all__ = ["Fact", "Part", "facts"]

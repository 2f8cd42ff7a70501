"""The version of the model: part of every run's identity, so that results of two versions never mix.

Raise it whenever a change moves any result, and say so in CHANGELOG.md.
"""

MODEL_VERSION = "0.2.0"

"""A design to run, and what it comes to undisturbed."""

import pytest

from experiments.sweep import design
from tests.sweep.fake import Fake, design_text
from tests.sweep.here import results, run


@pytest.fixture
def asked(tmp_path):
    path = tmp_path / "design.toml"
    path.write_text(design_text())
    return design.read(path)


@pytest.fixture
def reference(tmp_path, asked):
    """The compacted results of an undisturbed sweep, as bytes."""
    return results(run(asked, tmp_path / "reference", Fake()))

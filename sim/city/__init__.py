"""Cities: the grid, areas and beats, who lives there, and the import of real places."""

from sim.city.build import build
from sim.city.geography import Geography, GroupTrait
from sim.city.spec import CitySpec, load_spec

__all__ = ["CitySpec", "Geography", "GroupTrait", "build", "load_spec"]

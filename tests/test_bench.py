"""peel bench: what it measures is there and makes sense (speeds themselves are never asserted)."""

from experiments.bench import bench, plain_mesa_seconds_per_agent_day
from experiments.plain_mesa import City


def test_bench_gives_every_figure() -> None:
    said: list[str] = []
    figures = bench("synthetic:500", years=0.1, repeats=2, say=said.append)
    assert figures["resident_days_per_second"] > 0 and figures["mesa_ratio"] > 1
    assert len(figures["seconds_each"]) == 2 and figures["peak_rss_mb"] > 50
    assert any("per resident-day" in line for line in said)


def test_plain_model_lives() -> None:
    city = City(residents=300, seed=3)
    before = [a.fairness for a in city.agents if hasattr(a, "fairness")]
    for _ in range(60):
        city.step()
    after = [a.fairness for a in city.agents if hasattr(a, "fairness")]
    assert before != after, "contacts and talk must move beliefs"
    assert plain_mesa_seconds_per_agent_day(agents=200, days=2) > 0

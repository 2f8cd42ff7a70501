"""The city as a Mesa model: one engine, Mesa's tools, no Mesa agents."""

from __future__ import annotations

import gc
import json
import pickle
import re
import warnings
import weakref

import numpy as np
import pytest

with warnings.catch_warnings():  # Mesa and what it imports may warn; our own code may not
    warnings.simplefilter("ignore")
    import mesa

from sim import Model, Scenario
from sim.errors import UserError
from sim.run import burn_in, run

CITY = Scenario(city="synthetic:2000", years=60 / 365, burn_in_years=0.3)


@pytest.fixture(scope="module")
def burnt():
    return burn_in(CITY, 5)


@pytest.fixture(scope="module")
def straight(burnt):
    return run(CITY, seed=5, burnt=burnt)


def finished(model: Model) -> Model:
    while model.running:
        model.step()
    return model


@pytest.mark.parametrize("step_days", [1, 7, 13, 366])
def test_steps_of_any_size_live_the_life_that_run_lives(burnt, straight, step_days) -> None:
    model = finished(Model(scenario=CITY, seed=5, step_days=step_days, burn_in=burnt))
    assert model.event_log_hash == straight.event_log_hash
    assert model.day == 60 and model.steps == -(-60 // step_days)
    model.step()
    assert model.day == 60 and model.steps == -(-60 // step_days)
    assert model.result().summary["stops_per_100k"] == straight.summary["stops_per_100k"]


def test_the_command_line_lives_it_too(straight, tmp_path, peel) -> None:
    file = tmp_path / "city.toml"
    file.write_text(CITY.to_toml())
    said = peel("run", file, "--seed", 5, "--json", "--quiet")
    assert json.loads(said.out)["event_log_hash"] == straight.event_log_hash


def test_collected_columns_are_the_weekly_table(burnt, straight) -> None:
    model = finished(Model(scenario=CITY, seed=5, step_days=7, burn_in=burnt))
    frame = model.datacollector.get_model_vars_dataframe().iloc[1:]
    for name in ("stops", "calls", "arrests", "shooting_incidents"):
        assert frame[name].tolist() == straight.weekly[name].tolist()
    for name in ("legitimacy", "fear", "trauma", "carrying_share", "officer_stress"):
        assert np.allclose(frame[name], straight.weekly[name])
    daily = finished(Model(scenario=CITY, seed=5, burn_in=burnt))
    assert sum(daily.datacollector.model_vars["calls"]) == straight.weekly["calls"].sum()


def test_a_pickled_model_goes_on_identically(burnt, straight) -> None:
    model = Model(scenario=CITY, seed=5, step_days=3, burn_in=burnt)
    for _ in range(7):
        model.step()
    twin = pickle.loads(pickle.dumps(model))
    assert finished(twin).event_log_hash == finished(model).event_log_hash
    assert twin.event_log_hash == straight.event_log_hash
    assert twin.steps == model.steps
    assert twin.datacollector.model_vars == model.datacollector.model_vars


def test_a_dropped_model_is_freed_and_holds_no_mesa_agents(burnt) -> None:
    model = Model(scenario=CITY, seed=5, step_days=7, burn_in=burnt)
    model.step()
    assert not len(model.companions) and not model._agents
    for view in model.agents_by_type.values():
        assert not any(isinstance(agent, mesa.Agent) for agent in view.to_list()[:3])
    gone = weakref.ref(model)
    del model, view
    gc.collect()
    assert gone() is None


class Observer(mesa.Agent):
    """A user's companion: counts what it sees."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.seen = 0

    def step(self) -> None:
        self.seen += self.model.calls


def test_companions_step_beside_the_city_and_let_go_of_it(burnt, straight) -> None:
    model = Model(scenario=CITY, seed=5, step_days=7, burn_in=burnt)
    Observer.create_agents(model, 3)
    while model.running:
        model.step()
        model.companions.do("step")
    assert Observer in model.agent_types and len(model.agents_by_type[Observer]) == 3
    assert set(model.companions.get("seen")) == {straight.weekly["calls"].sum()}
    assert model.event_log_hash == straight.event_log_hash
    model.remove_companions()
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_batch_run_in_two_processes_records_seeds() -> None:
    rows = mesa.batch_run(
        Model,
        {"scenario": "synthetic:400", "burn_in": False, "step_days": 7, "seed": [1, 2],
         "stop_rate": [0.2, 0.6]},
        number_processes=2, max_steps=3, display_progress=False,
    )  # fmt: skip
    assert sorted((r["seed"], r["stop_rate"]) for r in rows) == [
        (1, 0.2), (1, 0.6), (2, 0.2), (2, 0.6),
    ]  # fmt: skip
    alone = Model(scenario="synthetic:400", burn_in=False, step_days=7, seed=2, stop_rate=0.6)
    for _ in range(3):
        alone.step()
    (same,) = [r for r in rows if (r["seed"], r["stop_rate"]) == (2, 0.6)]
    assert same["day"] == 21 and same["calls"] == alone.calls
    assert same["legitimacy"] == alone.legitimacy


def test_batch_run_without_a_seed_draws_and_tells_them() -> None:
    rows = mesa.batch_run(
        Model, {"scenario": "synthetic:400", "burn_in": False, "step_days": 30},
        iterations=3, max_steps=1, display_progress=False,
    )  # fmt: skip
    assert len({r["seed"] for r in rows}) == 3


def test_agent_reporters_work_on_rows() -> None:
    model = Model(scenario="synthetic:400", burn_in=False, seed=1, step_days=7)
    from sim.agents.views import Officer

    model.datacollector = mesa.DataCollector(
        agent_reporters={"fear": "fear", "x": "pos"},
        agenttype_reporters={Officer: {"stress": "stress"}},
    )
    model.step()
    frame = model.datacollector.get_agent_vars_dataframe()
    assert len(frame) == len(model.agents) and frame["fear"].between(0, 1).all()
    assert len(model.datacollector.get_agenttype_vars_dataframe(Officer)) == len(model.officers)


def test_solara_shows_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import solara
        from mesa.visualization import SolaraViz, make_plot_component

        model = Model(scenario="synthetic:400", burn_in=False, seed=1, step_days=7)
        model.step()
        page = SolaraViz(
            model,
            components=[make_plot_component({"legitimacy": "tab:blue"}), people],
            model_params={"seed": 1, "scenario": "synthetic:400", "burn_in": False, "step_days": 7},
            name="Peel",
        )
        box, context = solara.render(page, handle_error=False)
        assert box.children
        context.close()


def people(model: Model):
    """A component of one's own: any function of the model."""
    import solara

    return solara.Markdown(f"{len(model.agents)} residents on day {model.day}")


@pytest.mark.parametrize("seed", ["one", "", "1.5", 1.5, -1, float("nan"), True, [1]])
def test_a_seed_that_is_no_number_is_refused(seed) -> None:
    with pytest.raises(UserError, match="expected a whole number"):
        Model(scenario="synthetic:400", burn_in=False, seed=seed)


def test_text_and_numpy_seeds_count_as_their_number() -> None:
    hashes = {
        finished(
            Model(scenario="synthetic:400", burn_in=False, seed=seed, step_days=366)
        ).event_log_hash
        for seed in (7, "7", " 7 ", 7.0, np.int64(7))
    }
    assert len(hashes) == 1


def test_wrong_arguments_are_told() -> None:
    with pytest.raises(UserError, match="stop_rate"):
        Model(scenario="synthetic:400", burn_in=False, stop_rat=1.0)
    with pytest.raises(UserError, match="step_days"):
        Model(scenario="synthetic:400", burn_in=False, step_days=0)
    with pytest.raises(UserError, match="district"):
        Model(scenario="distrct")
    with pytest.raises(TypeError):
        Model("village")


def test_what_the_document_shows_works(root, capsys) -> None:
    text = (root / "docs" / "mesa.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 6
    names = {"mesa": mesa, "__name__": "document"}
    small = ('scenario="village"', 'scenario=Scenario(city="synthetic:400", years=0.1)')
    names["Scenario"] = Scenario
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, block in enumerate(blocks):
            if "batch_run" in block:
                compile(block, "docs/mesa.md", "exec")
                continue
            exec(block.replace(*small).replace('"scenario": "village", ', ""), names)
            if number == 0:
                assert len(names["frame"]) > 5
        import solara

        box, context = solara.render(names["page"], handle_error=False)
        assert box.children
        context.close()
    assert names["model"].overrides == []

"""Views of agents: Mesa's words, columns of today, and no writing by accident."""

from __future__ import annotations

import numpy as np
import pytest

from sim import Model
from sim.agents.views import Gang, Officer, Resident
from sim.errors import UserError


@pytest.fixture(scope="module")
def model() -> Model:
    model = Model(scenario="synthetic:1500", burn_in=False, seed=3, step_days=50)
    model.step()
    return model


def test_agents_are_the_living_residents(model) -> None:
    agents = model.agents
    assert len(agents) == model.population == len(agents.get("age"))
    assert set(model.agents_by_type) == {Resident, Officer, Gang} == set(model.agent_types)
    assert len(set(agents.get("unique_id").tolist())) == len(agents)
    one = agents[5]
    assert one in agents and one == agents.to_list()[5] and one not in model.officers
    assert one.model is model and one.unique_id == agents.get("unique_id")[5]
    assert one.pos == agents.get("pos")[5] and one.fear == agents.get("fear")[5]
    assert len(agents[2:9]) == 7


def test_columns_mean_what_the_weekly_table_says(model) -> None:
    for name in ("legitimacy", "fairness", "effectiveness", "fear", "trauma"):
        assert model.agents.agg(name, np.mean) == pytest.approx(getattr(model, name), rel=1e-9)
    assert model.officers.select(lambda o: o.status == 0).agg("stress", np.mean) >= 0.0


def test_reading_changes_nothing(model) -> None:
    before = model.state.world.people.residents.tobytes()
    for name in model.agents.columns:
        model.agents.get(name)
    assert model.state.world.people.residents.tobytes() == before


def test_select_sort_group_and_map(model) -> None:
    agents = model.agents
    age = agents.get("age")
    old = agents.select(age > 60)
    assert old.get("age").min() > 60
    assert old.rows.tolist() == agents.select(lambda a: a.age > 60).rows.tolist()
    assert len(agents.select(n=4)) == 4 and len(agents.select(at_most=0.5)) == len(agents) // 2
    assert len(agents.select(agent_type=Officer)) == 0
    assert agents.sort("age").get("age")[0] == age.max()
    assert agents.sort(lambda a: a.age, ascending=True).get("age")[0] == age.min()
    groups = agents.groupby("group_name")
    assert sum(groups.count().values()) == len(agents)
    assert groups.agg("age", len) == groups.count() == groups.map(len)
    assert {k for k, _ in agents.groupby(lambda a: a.sex, result_type="list")} == {0, 1}
    assert agents.select(n=3).map(lambda a, plus: a.age + plus, 1.0) == (age[:3] + 1).tolist()
    assert agents.agg("age", [np.min, np.max]) == [age.min(), age.max()]
    assert agents.select(n=2).get(["sex", "age"]) == [
        [a.sex, a.age] for a in agents.select(n=2)
    ]  # fmt: skip


def test_shuffled_order_is_keyed(model) -> None:
    seen: list[int] = []
    model.agents.select(n=50).shuffle_do(lambda a: seen.append(a.unique_id))
    again = model.agents.select(n=50).shuffle().get("unique_id").tolist()
    assert seen == again and sorted(seen) == sorted(model.agents.get("unique_id")[:50].tolist())
    assert seen != model.agents.get("unique_id")[:50].tolist()
    # a subset keeps its order: each agent's place depends on itself alone
    part = model.agents.select(n=20).shuffle().get("unique_id").tolist()
    assert part == [i for i in seen if i in set(part)]


def test_unknown_columns_name_the_nearest(model) -> None:
    with pytest.raises(AttributeError, match="did you mean 'trauma'"):
        model.agents.get("truma")
    with pytest.raises(AttributeError, match="style"):
        _ = model.officers[0].styl
    assert set(model.agents.get("nothing", handle_missing="default", default_value=7)) == {7}
    with pytest.raises(ValueError, match="truth values"):
        model.agents.select(np.zeros(3))


def test_writing_needs_a_reason(model) -> None:
    with pytest.raises(UserError, match="override"):
        model.agents.set("fear", 0.5)
    with pytest.raises(UserError, match="override"):
        model.agents[0].fear = 0.5
    with pytest.raises(UserError, match="say why"), model.override(" "):
        pass
    with pytest.raises(TypeError):
        model.agents.add(object())
    assert model.overrides == []


def test_an_override_is_written_as_of_today_and_noted() -> None:
    model = Model(scenario="synthetic:400", burn_in=False, seed=3, step_days=30)
    model.step()
    trauma = model.agents.get("trauma")
    with model.override("what if everybody trusted police"):
        model.agents.set("fairness", 0.9)
        model.agents.set("fear", 1.0)
        model.officers.set("stress", 0.25)
        with pytest.raises(UserError, match="depend on it"):
            model.agents.set("home", 0)
        with pytest.raises(UserError, match="finite"):
            model.agents.set("fear", float("nan"))
    assert model.overrides == [(30, "what if everybody trusted police")]
    assert np.allclose(model.agents.get("fairness"), 0.9, atol=1e-6)
    assert np.allclose(model.agents.get("fear"), 1.0, atol=1e-6)
    assert np.allclose(model.agents.get("trauma"), trauma, atol=1e-6)
    assert np.allclose(model.officers.get("stress"), 0.25)
    assert model.fairness == pytest.approx(0.9, abs=1e-6)
    model.step()


def test_a_row_that_passed_to_somebody_else_is_not_read() -> None:
    model = Model(scenario="synthetic:400", burn_in=False, seed=3)
    one = model.agents[0]
    model.state.world.people.lives["key"][one.row] += np.uint64(2)
    with pytest.raises(LookupError, match="no longer"):
        _ = one.age

"""Smoking: who takes it up, and who stops.

Between 12 and 24 people take it up at `initiation` a year; from 25 on smokers stop at `quit_rate`
a year. So of those aged 25 a share 1 - exp(-13 x `initiation`) smokes, and at age a above that
this share times exp(-`quit_rate` x (a - 25)); a city starts there. Education lowers initiation,
and, by `drug_initiation`, how many below 25 come to need help with substances (in life).

Sources: P30 for quitting under a ban, disputed; rates are assumptions that give about one adult
smoker in seven. Leaves out: how much is smoked, health, and that smokers' children smoke.
"""

from sim.agents.residents import INJURED
from sim.kernel import kernel
from sim.measures import SMOKING_BEGUN, SMOKING_ENDED
from sim.processes.candidates import look_ahead_at_both, propose
from sim.processes.record import age_years, count

HABIT = 8  # row of flow.tables


@kernel
def habits(w):
    """Who takes up smoking today, and who stops."""
    people, flow, clock, p = w.people, w.flow, w.clock, w.p[0]
    day, stock = clock[0].day, w.civic.stock[0]
    begins, ends = p.initiation / 365.0, p.quit_rate / 365.0
    n = propose(flow, clock, HABIT, max(begins, ends))
    for c in range(n):
        look_ahead_at_both(people, flow, c, n)
        i, height = flow.buffer[c].who, flow.buffer[c].height
        r, life = people.residents[i], people.lives[i]
        age = age_years(r, day)
        if r.status > INJURED:
            continue
        if life.smokes == 0 and 12.0 <= age < 25.0 and height < begins:
            life.smokes = 1
            stock.smokers += 1
            count(w.log, r.area, SMOKING_BEGUN)
        elif life.smokes != 0 and age >= 25.0 and height < ends:
            life.smokes = 0
            stock.smokers -= 1
            count(w.log, r.area, SMOKING_ENDED)


@kernel
def stops_smoking(w, life):
    """Somebody dies or leaves: the count of smokers follows."""
    if life.smokes != 0:
        life.smokes = 0
        w.civic.stock[0].smokers -= 1


@kernel
def newcomer_smokes(w, life, u):
    """An adult newcomer smokes or doesn't."""
    if u < w.p[0].arrivals_smoke:
        life.smokes = 1
        w.civic.stock[0].smokers += 1

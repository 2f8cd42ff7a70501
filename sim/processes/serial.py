"""Series: some who commit a sexual assault commit another, unless they are stopped.

Of all sexual assaults that everyday life would bring, a share 1 - `serial_repeat` begins a
series; after each, a further one follows with chance `serial_repeat`, after `serial_days` on
average, if the offender is here and at large. A series thus has 1 / (1 - `serial_repeat`)
assaults where nobody is stopped, and the rate of all is what `sexual_rate` says; as jail, death
and leaving the city do end series, it is somewhat below. An offender who is in jail when the next
is due goes on after release with chance `serial_resume`, or gives up.

Sources: S17 (suspects with several kits among those of one city). How many offenders repeat is
disputed and the chances here are assumptions. Leaves out: prey and method, and what makes
somebody stop.
"""

from sim.agents.residents import JAILED
from sim.kernel import kernel
from sim.numerics import exponential
from sim.processes.record import schedule
from sim.processes.routine import at_large
from sim.random import child_key, draws, stream

Q_SERIAL = 9
_FIRST = stream("serial.first")
_NEXT = stream("serial.next")
_RESUME = stream("serial.resume")


@kernel
def begins(w, key):
    """Does this assault of everyday life begin a series? The others come by the calendar."""
    u, _, _, _ = draws(w.clock[0].seed, key, w.clock[0].day, _FIRST)
    return u >= w.p[0].serial_repeat


@kernel
def goes_on(w, a, key):
    """After an assault by a: perhaps another, later. The entry names the person, too."""
    clock, p = w.clock, w.p[0]
    own = child_key(clock[0].seed, key, 0, _NEXT)
    u, v, _, _ = draws(clock[0].seed, own, clock[0].day, _NEXT)
    if u < p.serial_repeat:
        later(w, a, own, clock[0].day + 1 + int(p.serial_days * exponential(v)))


@kernel
def later(w, a, key, day):
    schedule(w.flow, w.clock, day, Q_SERIAL, key, w.people.lives[a].key, a, -1, -1, 0.0)


@kernel
def still_at_it(w, entry):
    """Is the offender of this entry free to go on today? Puts it off where jail is in the way."""
    clock, p = w.clock, w.p[0]
    a = entry.who
    if w.people.lives[a].key != entry.parent:
        return False
    r = w.people.residents[a]
    if r.status == JAILED:
        own = child_key(clock[0].seed, entry.key, 0, _RESUME)
        u, v, _, _ = draws(clock[0].seed, own, clock[0].day, _RESUME)
        if u < p.serial_resume:
            later(w, a, own, max(r.until, clock[0].day) + 1 + int(p.serial_days * exponential(v)))
        return False
    return at_large(r)

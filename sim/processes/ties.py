"""Co-offending ties: they join street seats (see `sim.processes.seats`), not rows of people."""

from sim.kernel import kernel


@kernel
def tie_count(people, flow, i):
    """How many co-offenders resident i has."""
    seat = flow.seat[i]
    return people.partner_start[seat + 1] - people.partner_start[seat]


@kernel
def tie(people, flow, i, k):
    """The k-th co-offender of resident i."""
    return flow.holder[people.partners[people.partner_start[flow.seat[i]] + k]]

"""Community organisations: what is paid for grows slowly, and settles disputes with diminishing
returns.

The number per 100,000 residents moves toward what is paid for (`organisations`), half of the way
in `organisation_half_life`. Of disputes they settle `organisation_reach` x n / (n +
`organisation_half`), so each further one settles fewer; the rate of disputes is told at
`organisation_reference`, where the factor is 1.

Sources: a study of US cities (Sharkey and co-authors 2017, not in the ledger) found fewer murders
where such organisations grew; reach and half are assumptions. Leaves out: what they do by kind,
where in the city they work, and money that goes to waste.
"""

from sim.kernel import kernel
from sim.numerics import halved


@kernel
def organisations_week(w):
    """A week's way toward the number that is paid for."""
    s, p = w.civic.stock[0], w.p[0]
    s.organisations += (1.0 - halved(7, p.organisation_half_life)) * (
        p.organisations - s.organisations
    )


@kernel
def unsettled(w):
    """Disputes that no organisation settles, relative to the reference."""
    p = w.p[0]
    now, told = w.civic.stock[0].organisations, p.organisation_reference
    return (1.0 - p.organisation_reach * now / (now + p.organisation_half)) / (
        1.0 - p.organisation_reach * told / (told + p.organisation_half)
    )

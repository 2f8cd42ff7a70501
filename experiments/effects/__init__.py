"""The side effects of every policy: about a dozen outcomes, paired by seed, under rival theories.

`peel effects` runs each policy alone against the same city without it, under the default theories
and under the rival ones; harms also the other way round, ended in a city that has had them since
before the burn-in. Every finished run is a small file, so that a run that is stopped loses nothing.
A cheap city screens; what shows there is run again in a larger one.

- `arms`: which runs there are.     - `work`: doing them, one file each.
- `treated`: those whom a policy reached, with it and without it (the same people, paired).
- `findings`: differences, what is measurable, what flips.     - `page`: the document.
"""

"""Joint calibration: history matching of many parameters to the facts, in waves, with emulators.

`space` the parameters and their priors, `points` what a set of parameters gives (common seeds, each
point kept as it finishes), `emulate` Gaussian processes and what they rule out, `waves` the search
and its folder, `sets` the ensemble that fits, with facts left out in turn, and its provenance.
"""

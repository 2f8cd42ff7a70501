"""Natural experiments as tests of mechanism: the evaluation's treatment, simulated, and no more.

The effect on the evaluation's own estimand (the treated, the place) stands beside the published
one, both with intervals. Nothing is tuned to them: a miss is a finding about the model.
"""

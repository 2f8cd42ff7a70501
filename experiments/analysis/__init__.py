"""Questions asked of many runs; each works on any DataFrame of inputs and outcomes.

    sensitivity   what drives an outcome: Sobol and Morris indices (SALib), and how much is luck
    discovery     under which conditions something happens: PRIM boxes and CART leaves
    surface       an emulator of the model (scikit-learn) that says its own error
    asking        the same, of a sweep's folder
    plots         a picture of each

Choosing between options is in `experiments.decisions`.
"""

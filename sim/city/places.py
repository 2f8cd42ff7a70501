"""Blocks, areas and the belief field that all residents of an area and group share."""

import numpy as np

BLOCK = np.dtype(
    [
        (
            "first",
            "i4",
        ),  # residents of the block: `place.residents_of_block[first : first + count]`
        ("count", "i4"),
        ("area", "i4"),
        ("beat", "i4"),
        ("x", "i2"),  # column and row on the grid
        ("y", "i2"),
        ("turf", "i2"),  # gang that holds it, or -1
        ("vacant", "i2"),  # vacant lots
        (
            "market",
            "f4",
        ),  # illicit-market activity, static weight (1 = mean of blocks with a market)
        (
            "bustle",
            "f4",
        ),  # people about by day (work, school, hangouts), relative to the mean block
        ("disadvantage", "f4"),  # 0..1
        ("lever", "f4"),  # place lever: multiplier of disputes here (greening and the like)
    ],
    align=True,
)

AREA = np.dtype(
    [
        ("population", "i4"),
        ("first_block", "i4"),
        ("blocks", "i4"),
        ("day", "i4"),  # when the decaying ones were last written
        ("disadvantage", "f4"),  # 0..1
        ("cynicism", "f4"),  # legal cynicism, 0..1, slow
        ("shootings", "f4"),  # recent shootings per 1,000 residents, decaying (what people hear of)
        ("unsolved", "f4"),  # felt share of shootings that go unpunished, 0..1, slow
        ("contacts", "f4"),  # police-initiated contacts per 1,000 residents and week, smoothed
        ("risk", "f4"),  # felt risk of arrest, relative to the reference
        ("violence_weight", "f4"),  # static: what the import said of this area's level
        ("x_m", "f4"),
        ("y_m", "f4"),
        ("pad", "i4"),
    ],
    align=True,
)

FIELD = np.dtype(
    [
        ("fairness", "f4"),  # added to every resident of this area and group, decaying
        ("effectiveness", "f4"),
        ("salience", "f4"),  # of publicised incidents now, 0..1, decaying (drives calling)
        ("day", "i4"),
    ],
    align=True,
)

"""Write the golden file anew: `python -m tests.golden.update`, with a line in CHANGELOG.md."""

from __future__ import annotations

import json

from tests.golden.golden import CITY, FILE, SEED, differences, load, outcome, parameters


def main() -> None:
    before = load() if FILE.exists() else {}
    values = parameters(before.get("parameters"))
    now = outcome(values)
    whole = {"city": CITY, "seed": SEED, "outcome": now, "parameters": values}
    FILE.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    changed = differences(before["outcome"], now) if before else ["written for the first time"]
    print("\n".join(changed or ["nothing has changed"]))
    if changed and before:
        print("say why in CHANGELOG.md, and raise the version in sim/version.py if runs changed")


if __name__ == "__main__":
    main()

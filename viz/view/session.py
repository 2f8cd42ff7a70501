"""Session: what one visitor's page may ask.

It holds which recording is watched, and nothing else.
"""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from sim.errors import UserError
from viz.view import luck, why
from viz.view.arm import SERIES
from viz.view.channel import Answer
from viz.view.jobs import RoomFull
from viz.view.presets import every
from viz.view.recording import Recording
from viz.view.settings import Server
from viz.view.spec import PairSpec
from viz.view.store import Held

MOST_WEEKS = 16  # of frames in one answer


class Session:
    """One page of one visitor."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = uuid.uuid4().hex
        self._held: Held | None = None
        self._closed = False

    def close(self) -> None:
        """The page is gone; a question of its that is still being answered watches nothing."""
        self._closed = True
        if self._held is not None:
            self.server.store.leave(self._held.recording.identity, self.name)
            self._held = None

    @property
    def recording(self) -> Recording:
        if self._held is None:
            raise UserError("no run is open on this page")
        return self._held.recording

    # --- the pair ---------------------------------------------------------------------------------

    def on_open(self, ask: dict[str, Any]) -> Answer:
        """Watch the pair `spec`; begins it if nobody has."""
        spec = self.read_spec(ask)
        try:
            held = self.server.store.open(spec, self.name)
        except RoomFull:
            raise UserError("too many runs are waiting here; try again in a minute") from None
        before, self._held = self._held, held
        if before is not None and before is not held:
            self.server.store.leave(before.recording.identity, self.name)
        if self._closed:  # asked last: whoever closes from here on finds what to leave
            self.server.store.leave(held.recording.identity, self.name)
            raise UserError("this page was closed")
        from sim.version import MODEL_VERSION

        return {
            "identity": held.recording.identity,
            "spec": spec.as_json(),
            "version": MODEL_VERSION,
        }, []

    def read_spec(self, ask: dict[str, Any]) -> PairSpec:
        return PairSpec.from_json(ask.get("spec") or {}, self.server.limits.days)

    def on_shape(self, ask: dict[str, Any]) -> Answer:
        """The grid and names, once they are known."""
        shape = self.recording.shape
        if shape is None:
            return {"shape": None}, []
        plain = {k: v for k, v in shape.items() if not isinstance(v, bytes)}
        names = [k for k, v in shape.items() if isinstance(v, bytes)]
        return {"shape": plain, "buffers": names}, [shape[k] for k in names]

    def on_progress(self, ask: dict[str, Any]) -> Answer:
        """How far it is, and series and events of the weeks that the page does not have yet."""
        r, held = self.recording, self._held
        have = int(ask.get("weeks", 0))
        weeks = r.weeks
        ahead, seconds = self.server.pool.place(held.job) if held else (0, 0.0)
        answer = {
            "weeks": weeks, "from": have, "stage": r.stage, "ended": r.ended,
            "problem": r.problem, "details": r.details, "parted": r.parted,
            "ahead": ahead, "seconds": round(seconds), "days": r.spec.days,
            "logs": {arm: t["about"]["event_log_hash"] for arm, t in r.tables.items()},
        }  # fmt: skip
        parts = []
        for arm in ("a", "b"):
            rows = r.series(arm, have)[: weeks - have]
            parts.append(np.ascontiguousarray(rows).tobytes())
        parts += [r.events("a", have), r.events("b", have)]
        return answer, parts

    def on_weeks(self, ask: dict[str, Any]) -> Answer:
        """Frames of both arms, in step: buffers a, b, a, b, ..."""
        first = max(0, int(ask.get("first", 0)))
        count = min(MOST_WEEKS, max(1, int(ask.get("count", 4))))
        parts = []
        for a, b in self.recording.chunks(first, count):
            parts += [a, b]
        return {"first": first, "count": len(parts) // 2}, parts

    def on_stop(self, ask: dict[str, Any]) -> Answer:
        """Stop recording; what there is stays."""
        self.server.store.stop(self.recording.identity)
        return {"stopped": True}, []

    # --- luck -------------------------------------------------------------------------------------

    def on_luck(self, ask: dict[str, Any]) -> Answer:
        """What `seeds` pairs say so far; `weeks` limits how much of each life counts."""
        spec = self.read_spec(ask) if ask.get("spec") else self.recording.spec
        batch = self.server.store.batch(spec, int(ask.get("seeds", 0)))
        pairs = batch.pairs()
        weeks = ask.get("weeks")
        weeks = None if weeks is None else max(1, int(weeks))
        names = [n for n in ask.get("outcomes") or [] if n in SERIES] or ["persons_shot"]
        totals = [(luck.totals(a, weeks), luck.totals(b, weeks)) for a, b in pairs]
        answer: dict[str, Any] = {
            "n": len(pairs), "wanted": batch.wanted, "problem": batch.problem,
            "seeds": sorted(batch.seeds),
            "spreads": [luck.spread([(a[n], b[n]) for a, b in totals], n) for n in names],
        }  # fmt: skip
        if ask.get("edits") is not None or spec.edits:
            answer["edited"] = bool(spec.edits)
        if ask.get("bands") and len(pairs) >= 5:
            bands = luck.bands(pairs)
            answer["band_weeks"] = int(bands.shape[1])
            return answer, [bands.tobytes()]
        return answer, []

    # --- why --------------------------------------------------------------------------------------

    def on_why(self, ask: dict[str, Any]) -> Answer:
        """The chain behind an event and what followed."""
        return why.explain(self.recording, str(ask.get("arm", "b")), str(ask.get("event", ""))), []

    def on_divergence(self, ask: dict[str, Any]) -> Answer:
        """Where the two lives part."""
        return why.divergence(self.recording), []

    def on_cascades(self, ask: dict[str, Any]) -> Answer:
        """The largest cascades of an arm."""
        return why.cascades(self.recording, str(ask.get("arm", "b"))), []

    def on_block(self, ask: dict[str, Any]) -> Answer:
        """What the log tells of a block."""
        return why.block(self.recording, str(ask.get("arm", "b")), int(ask.get("block", -1))), []

    def on_life(self, ask: dict[str, Any]) -> Answer:
        """A biography: of a resident, an officer or a block, by replaying both arms."""
        who: dict[str, Any] = {
            k: int(ask[k]) for k in ("resident", "officer", "block", "day") if k in ask
        }
        life = self.server.store.life(self.recording, who)
        if life.answer is not None:
            return {"life": life.answer}, []
        if life.problem:
            raise UserError(life.problem)
        ahead, seconds = self.server.pool.place(life.job) if life.job else (0, 0.0)
        return {"life": None, "ahead": ahead, "seconds": round(seconds)}, []

    def on_lesson(self, ask: dict[str, Any]) -> Answer:
        """A lesson's texts, numbers filled in."""
        from viz.view import lessons

        id = str(ask.get("lesson", ""))
        if id not in lessons.lessons():
            raise UserError(f"there is no lesson {id[:40]!r}")
        return {"lesson": lessons.ready(id)}, []

    def on_presets(self, ask: dict[str, Any]) -> Answer:
        """What a page starts from."""
        caps = self.server.limits
        return {
            "presets": every(), "first": self.server.first, "public": self.server.public,
            "limits": {"days": caps.days, "residents": caps.residents, "seeds": caps.seeds},
        }, []  # fmt: skip

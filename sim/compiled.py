"""How compiled code sees a world: one pointer, from which every table is reached by name.

Passing two dozen arrays to every compiled function makes numba carry some two hundred values through
each call, and compilation takes minutes. Here a world is a single pointer to a block of
(address, rows, columns) triples; `w.residents[i]` is an address computation that yields a record.
Nothing is counted, copied or bounds-checked. Python keeps the arrays alive in the `Handle`.

With NUMBA_DISABLE_JIT=1 the same source runs on `sim.interpreted.plain(world)`.
"""

from __future__ import annotations

import hashlib
import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, from_dtype, types
from numba.core import cgutils
from numba.core.extending import (
    NativeValue,
    intrinsic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.core.imputils import (
    lower_builtin,
    lower_getattr,
    lower_getattr_generic,
    lower_setattr_generic,
)
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_getattr,
    infer_global,
    signature,
)

from sim import world as worlds
from sim.agents.groups import DYAD, GANG
from sim.agents.officers import BEAT, DEPARTMENT, OFFICER
from sim.agents.residents import KIND, LIFE, RESIDENT, SIDE
from sim.city.places import AREA, BLOCK, FIELD
from sim.interpreted import plain
from sim.parameters import dtype as parameter_dtype

_INTERPRETED = bool(config.DISABLE_JIT)
_PARTS = ("people", "place", "police", "groups", "flow", "civic", "log")

TABLES: dict[str, tuple[np.dtype, int]] = {
    "residents": (RESIDENT, 1), "lives": (LIFE, 1), "kinds": (KIND, 1), "side": (SIDE, 1),
    "members": (np.dtype("i4"), 1), "friend_start": (np.dtype("i8"), 1), "friends": (np.dtype("i4"), 1),
    "partner_start": (np.dtype("i8"), 1), "partners": (np.dtype("i4"), 1),
    "blocks": (BLOCK, 1), "areas": (AREA, 1), "field": (FIELD, 1),
    "market_blocks": (np.dtype("i4"), 1), "market_cumulative": (np.dtype("f8"), 1),
    "officers": (OFFICER, 1), "beats": (BEAT, 1), "department": (DEPARTMENT, 1),
    "gangs": (GANG, 1), "roster": (np.dtype("i4"), 1), "dyads": (DYAD, 1), "dyad_of": (np.dtype("i4"), 1),
    "tables": (worlds.TABLE, 1), "slots": (worlds.SLOT, 1), "buffer": (worlds.CANDIDATE, 1),
    "queue": (worlds.ENTRY, 1), "heads": (np.dtype("i4"), 1), "due": (np.dtype("i4"), 1),
    "holder": (np.dtype("i4"), 1), "seat": (np.dtype("i4"), 1), "roles": (np.dtype("i4"), 1),
    "role_gang": (np.dtype("i2"), 1), "roster_seat": (np.dtype("i4"), 1),
    "cases": (worlds.CASE, 1), "grid": (np.dtype("i4"), 2),
    "stock": (worlds.STOCK, 1), "kits": (worlds.KIT, 1), "care": (worlds.CARE, 1),
    "sellers": (worlds.SELLER, 1),
    "events": (worlds.EVENT, 1), "area_counts": (np.dtype("i4"), 2), "people_counts": (np.dtype("i4"), 2),
    "suppressed": (np.dtype("u8"), 1), "diary": (worlds.NOTE, 1),
    "p": (parameter_dtype(), 1), "clock": (worlds.CLOCK, 1),
}  # fmt: skip
_INDEX = {name: k for k, name in enumerate(TABLES)}


def number_type(dtype: np.dtype) -> types.Type:
    """What a stored number reads as: float64, int64 or uint64, however narrow it is in memory.

    One reading per kind means that every process is compiled once, not once per width, and that
    arithmetic is the same as that of Python's own numbers.
    """
    if dtype.kind == "f":
        return types.float64
    return types.uint64 if dtype == np.dtype("u8") else types.int64


class RowType(types.Type):
    """One record of a table: a pointer whose fields read and write as numbers."""

    def __init__(self, dtype: np.dtype) -> None:
        self.np_dtype = dtype
        fields = dtype.fields or {}
        self.offsets = {n: (f[0], int(f[1])) for n, f in fields.items() if f[0].shape == ()}
        digest = hashlib.blake2s(repr(dtype.descr).encode(), digest_size=6).hexdigest()
        super().__init__(name=f"PeelRow({digest})")


class TableType(types.Type):
    """A table of records or numbers, seen from compiled code; one or two dimensions."""

    def __init__(self, dtype: types.Type, np_dtype: np.dtype, dimensions: int) -> None:
        self.dtype = dtype
        self.stored = from_dtype(np_dtype)
        self.dimensions = dimensions
        super().__init__(name=f"PeelTable({dtype}, {np_dtype.str}, {dimensions})")


class WorldType(types.Type):
    """The whole world; the name carries the layout of every record, so a cache can't mix layouts."""

    def __init__(self) -> None:
        text = repr([(n, d.descr, k) for n, (d, k) in TABLES.items()])
        self.columns = {
            n: TableType(RowType(d) if d.names else number_type(d), d, k)
            for n, (d, k) in TABLES.items()
        }
        super().__init__(
            name=f"PeelWorld({hashlib.blake2s(text.encode(), digest_size=8).hexdigest()})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return (world_type, ())


_WORLD: list[WorldType] = []


def world_type() -> WorldType:
    """The one compiled type of a world in this process."""
    if not _WORLD:
        _WORLD.append(WorldType())
    return _WORLD[0]


@register_model(TableType)
class _TableModel(models.StructModel):
    def __init__(self, dmm: Any, fe_type: TableType) -> None:
        members = [("data", types.voidptr), ("rows", types.intp), ("columns", types.intp)]
        super().__init__(dmm, fe_type, members)


@register_model(WorldType)
class _WorldModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: WorldType) -> None:
        super().__init__(dmm, fe_type, ir.IntType(64).as_pointer())


@register_model(RowType)
class _RowModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: RowType) -> None:
        super().__init__(dmm, fe_type, cgutils.voidptr_t)


@infer_getattr
class _RowAttributes(AttributeTemplate):
    key = RowType

    def generic_resolve(self, row: RowType, name: str) -> types.Type | None:
        return number_type(row.offsets[name][0]) if name in row.offsets else None


def _field(
    context: Any, builder: Any, row: RowType, value: Any, name: str
) -> tuple[types.Type, Any]:
    dtype, offset = row.offsets[name]
    stored = from_dtype(dtype)
    place = builder.gep(value, [ir.Constant(ir.IntType(64), offset)], inbounds=True)
    return stored, builder.bitcast(place, context.get_data_type(stored).as_pointer())


@lower_getattr_generic(RowType)
def _get_field(context: Any, builder: Any, row: RowType, value: Any, name: str) -> Any:
    stored, place = _field(context, builder, row, value, name)
    return context.cast(builder, builder.load(place), stored, number_type(row.offsets[name][0]))


@lower_setattr_generic(RowType)
def _set_field(context: Any, builder: Any, sig: Any, args: Any, name: str) -> Any:
    row, given = sig.args
    stored, place = _field(context, builder, row, args[0], name)
    builder.store(context.cast(builder, args[1], given, stored), place)
    return context.get_dummy_value()


@infer_getattr
class _WorldAttributes(AttributeTemplate):
    key = WorldType

    def generic_resolve(self, world: WorldType, name: str) -> types.Type | None:
        return world if name in _PARTS else world.columns.get(name)


@lower_getattr(WorldType, "people")
@lower_getattr(WorldType, "place")
@lower_getattr(WorldType, "police")
@lower_getattr(WorldType, "groups")
@lower_getattr(WorldType, "flow")
@lower_getattr(WorldType, "civic")
@lower_getattr(WorldType, "log")
def _part(context: Any, builder: Any, world: WorldType, value: Any) -> Any:
    return value


def _lower_table(name: str) -> None:
    @lower_getattr(WorldType, name)
    def load(context: Any, builder: Any, world: WorldType, value: Any) -> Any:
        table = cgutils.create_struct_proxy(world.columns[name])(context, builder)
        at = 3 * _INDEX[name]
        word = ir.IntType(64)
        address = builder.load(builder.gep(value, [ir.Constant(word, at)]))
        table.data = builder.inttoptr(address, cgutils.voidptr_t)
        table.rows = builder.load(builder.gep(value, [ir.Constant(word, at + 1)]))
        table.columns = builder.load(builder.gep(value, [ir.Constant(word, at + 2)]))
        return table._getvalue()


for _name in TABLES:
    _lower_table(_name)


@infer_getattr
class _TableAttributes(AttributeTemplate):
    key = TableType

    def resolve_size(self, table: TableType) -> types.Type | None:
        return types.intp

    def resolve_shape(self, table: TableType) -> types.Type | None:
        return types.UniTuple(types.intp, table.dimensions)


@lower_getattr(TableType, "size")
def _size(context: Any, builder: Any, kind: TableType, value: Any) -> Any:
    table = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    return builder.mul(table.rows, table.columns)


@lower_getattr(TableType, "shape")
def _shape(context: Any, builder: Any, kind: TableType, value: Any) -> Any:
    table = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    sides = [table.rows, table.columns][: kind.dimensions]
    return context.make_tuple(builder, types.UniTuple(types.intp, kind.dimensions), sides)


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        if len(args) == 2 and isinstance(args[0], TableType):
            table, index = args
            want = types.UniTuple(types.intp, 2) if table.dimensions == 2 else types.intp
            if isinstance(index, types.BaseTuple) == (table.dimensions == 2):
                return signature(table.dtype, table, want)
        return None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        if len(args) == 3 and isinstance(args[0], TableType):
            table, index, _ = args
            want = types.UniTuple(types.intp, 2) if table.dimensions == 2 else types.intp
            if not isinstance(table.dtype, RowType):
                return signature(types.none, table, want, table.dtype)
        return None


def _address(context: Any, builder: Any, kind: TableType, value: Any, index: Any) -> Any:
    table = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    if kind.dimensions == 2:
        row, column = cgutils.unpack_tuple(builder, index, 2)
        index = builder.add(builder.mul(row, table.columns), column)
    if isinstance(kind.dtype, RowType):
        width = ir.Constant(index.type, kind.dtype.np_dtype.itemsize)
        return builder.gep(table.data, [builder.mul(index, width)], inbounds=True)
    pointer = builder.bitcast(table.data, context.get_data_type(kind.stored).as_pointer())
    return builder.gep(pointer, [index], inbounds=True)


@lower_builtin(operator.getitem, TableType, types.intp)
@lower_builtin(operator.getitem, TableType, types.UniTuple)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    kind = sig.args[0]
    place = _address(context, builder, kind, args[0], args[1])
    if isinstance(kind.dtype, RowType):
        return place
    return context.cast(builder, builder.load(place), kind.stored, kind.dtype)


@lower_builtin(operator.setitem, TableType, types.intp, types.Any)
@lower_builtin(operator.setitem, TableType, types.UniTuple, types.Any)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    kind = sig.args[0]
    place = _address(context, builder, kind, args[0], args[1])
    builder.store(context.cast(builder, args[2], sig.args[2], kind.stored), place)
    return context.get_dummy_value()


if _INTERPRETED:

    def touch(table: Any, index: Any) -> None:
        """Ask for a record ahead of its use; nothing when interpreted."""

else:

    @intrinsic
    def touch(typingctx: Any, table: Any, index: Any) -> Any:
        """Ask the memory for `table[index]` now, since it will be read soon. Changes no result."""
        if not isinstance(table, TableType):
            return None

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            place = _address(context, builder, sig.args[0], args[0], args[1])
            place = builder.bitcast(place, cgutils.voidptr_t)
            word = ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, word, word, word])
            prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
            builder.call(prefetch, [place, word(0), word(3), word(1)])
            return context.get_dummy_value()

        return types.none(table, types.intp), build


class Handle:
    """What Python passes to compiled code for a world: the address of the block of triples."""

    def __init__(self, world: worlds.World) -> None:
        self.world = world
        arrays = named_tables(world)
        self.block = np.zeros(3 * len(TABLES), dtype=np.int64)
        for name, (dtype, dimensions) in TABLES.items():
            a = arrays[name]
            if a.dtype != dtype or a.ndim != dimensions or not a.flags.c_contiguous:
                raise TypeError(
                    f"table {name} is {a.dtype}, {a.ndim}-D; expected {dtype}, {dimensions}-D, contiguous"
                )
            columns = a.shape[1] if dimensions == 2 else 1
            k = 3 * _INDEX[name]
            self.block[k : k + 3] = a.ctypes.data, a.shape[0], columns
        self.address = int(self.block.ctypes.data)


@typeof_impl.register(Handle)
def _typeof_handle(value: Handle, c: Any) -> WorldType:
    return world_type()


@unbox(WorldType)
def _unbox(kind: WorldType, obj: Any, c: Any) -> NativeValue:
    number = c.pyapi.object_getattr_string(obj, "address")
    address = c.pyapi.long_as_longlong(number)
    c.pyapi.decref(number)
    return NativeValue(c.builder.inttoptr(address, ir.IntType(64).as_pointer()))


def named_tables(world: worlds.World) -> dict[str, np.ndarray]:
    """Every array of a world by its table name."""
    found: dict[str, np.ndarray] = {}
    for part, value in world._asdict().items():
        found.update({part: value} if isinstance(value, np.ndarray) else value._asdict())
    return found


def handle(world: worlds.World) -> Any:
    """What run_days takes: a Handle, or the plain view where compilation is off."""
    return plain(world) if _INTERPRETED else Handle(world)

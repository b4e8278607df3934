"""The canonical form of a record's bytes, made by the protobuf runtime: fields in order, maps sorted, zeros left out.

`bbs.wire` keeps actions opaque; here they are parsed, since their bytes differ between writers too. The descriptors are
built from the message table, in a pool of their own, with every text as bytes so that UTF-8 is never asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from bbs.interchange.schema import MESSAGE_OF, SCHEMA, Message, Rule
from bbs.interchange.wire_fields import Malformed
from bbs.interchange.writer import Writer
from bbs.models.records import Kind

_PACKAGE = "diego.canonical"
_TYPES: dict[str, FieldDescriptorProto.Type.ValueType] = {
    "s": FieldDescriptorProto.TYPE_BYTES,
    "b": FieldDescriptorProto.TYPE_BOOL,
    "i32": FieldDescriptorProto.TYPE_INT32,
    "i64": FieldDescriptorProto.TYPE_INT64,
    "u32": FieldDescriptorProto.TYPE_UINT32,
    "u64": FieldDescriptorProto.TYPE_UINT64,
}


def _typed(field: FieldDescriptorProto, kind: str) -> None:
    if kind in SCHEMA:
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{kind}"
    else:
        # Enums are open: a number that this version does not know is kept, so int32 says the same.
        field.type = _TYPES.get(kind, FieldDescriptorProto.TYPE_INT32)


def _map_entry(owner: DescriptorProto, rule: Rule, type_name: str) -> DescriptorProto:
    # A map's key has to be text; invalid UTF-8 in one sends the record the slow way.
    entry = owner.nested_type.add(name=f"F{rule.number}Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=FieldDescriptorProto.TYPE_STRING)
    _typed(entry.field.add(name="value", number=2), type_name)
    return entry


def _add(owner: DescriptorProto, rule: Rule) -> None:
    field = owner.field.add(name=f"f{rule.number}", number=rule.number)
    if rule.repeated or rule.mapped:
        field.label = FieldDescriptorProto.LABEL_REPEATED
    if rule.mapped:
        _map_entry(owner, rule, rule.type)
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{owner.name}.F{rule.number}Entry"
    elif rule.type == "routes":
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.Routes"
    else:
        _typed(field, rule.type)
    if rule.explicit:
        owner.oneof_decl.add(name=f"o{rule.number}")
        field.oneof_index = len(owner.oneof_decl) - 1


def _descriptors() -> FileDescriptorProto:
    file = FileDescriptorProto(name="diego/canonical.proto", package=_PACKAGE, syntax="proto3")
    for message in SCHEMA.values():
        owner = file.message_type.add(name=message.name)
        for rule in message.rules:
            _add(owner, rule)
    routes = file.message_type.add(name="Routes")
    _add(routes, Rule(1, "routes", "s", mapped=True))
    return file


def _canonicalizer(pool: DescriptorPool, message: Message) -> Callable[[bytes], bytes]:
    parsed: Any = GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{message.name}")).FromString
    normal = [f"f{rule.number}" for rule in message.rules if rule.normal]

    def canonical(data: bytes) -> bytes:
        found = parsed(data)
        for name in normal:
            # Empty and absent are one; present costs less than a look.
            getattr(found, name).SetInParent()
        serialized: bytes = found.SerializeToString(deterministic=True)
        return serialized

    return canonical


def _canonicalizers() -> Iterator[tuple[Kind, Callable[[bytes], bytes]]]:
    pool = DescriptorPool()
    pool.Add(_descriptors())
    for kind, message in MESSAGE_OF.items():
        yield kind, _canonicalizer(pool, message)


_CANONICAL: Mapping[Kind, Callable[[bytes], bytes]] = dict(_canonicalizers())


def canonical_data(kind: Kind, data: bytes) -> bytes:
    """Bytes that are equal for equal content. What the runtime refuses (depth, a map's key that is not UTF-8) is
    written as canonical JSON instead; what is no message at all stands for itself."""
    canonical = _CANONICAL.get(kind)
    if canonical is None:
        return data
    try:
        return canonical(data)
    except DecodeError:
        try:
            return Writer(exact=True).text(MESSAGE_OF[kind], data).encode()
        except Malformed:
            return data

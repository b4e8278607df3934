from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Error(_message.Message):
    __slots__ = ("type", "message")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UnknownError: _ClassVar[Error.Type]
        InvalidRecord: _ClassVar[Error.Type]
        InvalidRequest: _ClassVar[Error.Type]
        InvalidResponse: _ClassVar[Error.Type]
        InvalidProtobufMessage: _ClassVar[Error.Type]
        InvalidJSON: _ClassVar[Error.Type]
        FailedToOpenEnvelope: _ClassVar[Error.Type]
        InvalidStateTransition: _ClassVar[Error.Type]
        ResourceConflict: _ClassVar[Error.Type]
        ResourceExists: _ClassVar[Error.Type]
        ResourceNotFound: _ClassVar[Error.Type]
        RouterError: _ClassVar[Error.Type]
        ActualLRPCannotBeClaimed: _ClassVar[Error.Type]
        ActualLRPCannotBeStarted: _ClassVar[Error.Type]
        ActualLRPCannotBeCrashed: _ClassVar[Error.Type]
        ActualLRPCannotBeFailed: _ClassVar[Error.Type]
        ActualLRPCannotBeRemoved: _ClassVar[Error.Type]
        ActualLRPCannotBeUnclaimed: _ClassVar[Error.Type]
        RunningOnDifferentCell: _ClassVar[Error.Type]
        GUIDGeneration: _ClassVar[Error.Type]
        Deserialize: _ClassVar[Error.Type]
        Deadlock: _ClassVar[Error.Type]
        Unrecoverable: _ClassVar[Error.Type]
        LockCollision: _ClassVar[Error.Type]
        Timeout: _ClassVar[Error.Type]
    UnknownError: Error.Type
    InvalidRecord: Error.Type
    InvalidRequest: Error.Type
    InvalidResponse: Error.Type
    InvalidProtobufMessage: Error.Type
    InvalidJSON: Error.Type
    FailedToOpenEnvelope: Error.Type
    InvalidStateTransition: Error.Type
    ResourceConflict: Error.Type
    ResourceExists: Error.Type
    ResourceNotFound: Error.Type
    RouterError: Error.Type
    ActualLRPCannotBeClaimed: Error.Type
    ActualLRPCannotBeStarted: Error.Type
    ActualLRPCannotBeCrashed: Error.Type
    ActualLRPCannotBeFailed: Error.Type
    ActualLRPCannotBeRemoved: Error.Type
    ActualLRPCannotBeUnclaimed: Error.Type
    RunningOnDifferentCell: Error.Type
    GUIDGeneration: Error.Type
    Deserialize: Error.Type
    Deadlock: Error.Type
    Unrecoverable: Error.Type
    LockCollision: Error.Type
    Timeout: Error.Type
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    type: Error.Type
    message: str
    def __init__(self, type: _Optional[_Union[Error.Type, str]] = ..., message: _Optional[str] = ...) -> None: ...

class PingResponse(_message.Message):
    __slots__ = ("available",)
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    available: bool
    def __init__(self, available: _Optional[bool] = ...) -> None: ...

class DomainsResponse(_message.Message):
    __slots__ = ("error", "domains")
    ERROR_FIELD_NUMBER: _ClassVar[int]
    DOMAINS_FIELD_NUMBER: _ClassVar[int]
    error: Error
    domains: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, error: _Optional[_Union[Error, _Mapping[str, object]]] = ..., domains: _Optional[_Iterable[str]] = ...) -> None: ...

class UpsertDomainRequest(_message.Message):
    __slots__ = ("domain", "ttl")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    domain: str
    ttl: int
    def __init__(self, domain: _Optional[str] = ..., ttl: _Optional[int] = ...) -> None: ...

class UpsertDomainResponse(_message.Message):
    __slots__ = ("error",)
    ERROR_FIELD_NUMBER: _ClassVar[int]
    error: Error
    def __init__(self, error: _Optional[_Union[Error, _Mapping[str, object]]] = ...) -> None: ...

class CellCapacity(_message.Message):
    __slots__ = ("memory_mb", "disk_mb", "containers")
    MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
    DISK_MB_FIELD_NUMBER: _ClassVar[int]
    CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    memory_mb: int
    disk_mb: int
    containers: int
    def __init__(self, memory_mb: _Optional[int] = ..., disk_mb: _Optional[int] = ..., containers: _Optional[int] = ...) -> None: ...

class CellPresence(_message.Message):
    __slots__ = ("cell_id", "rep_address", "zone", "capacity", "rootfs_providers", "placement_tags", "optional_placement_tags", "rep_url", "annotations")
    class AnnotationsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CELL_ID_FIELD_NUMBER: _ClassVar[int]
    REP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    ROOTFS_PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_TAGS_FIELD_NUMBER: _ClassVar[int]
    OPTIONAL_PLACEMENT_TAGS_FIELD_NUMBER: _ClassVar[int]
    REP_URL_FIELD_NUMBER: _ClassVar[int]
    ANNOTATIONS_FIELD_NUMBER: _ClassVar[int]
    cell_id: str
    rep_address: str
    zone: str
    capacity: CellCapacity
    rootfs_providers: _containers.RepeatedCompositeFieldContainer[Provider]
    placement_tags: _containers.RepeatedScalarFieldContainer[str]
    optional_placement_tags: _containers.RepeatedScalarFieldContainer[str]
    rep_url: str
    annotations: _containers.ScalarMap[str, str]
    def __init__(self, cell_id: _Optional[str] = ..., rep_address: _Optional[str] = ..., zone: _Optional[str] = ..., capacity: _Optional[_Union[CellCapacity, _Mapping[str, object]]] = ..., rootfs_providers: _Optional[_Iterable[_Union[Provider, _Mapping[str, object]]]] = ..., placement_tags: _Optional[_Iterable[str]] = ..., optional_placement_tags: _Optional[_Iterable[str]] = ..., rep_url: _Optional[str] = ..., annotations: _Optional[_Mapping[str, str]] = ...) -> None: ...

class CellsResponse(_message.Message):
    __slots__ = ("error", "cells")
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    error: Error
    cells: _containers.RepeatedCompositeFieldContainer[CellPresence]
    def __init__(self, error: _Optional[_Union[Error, _Mapping[str, object]]] = ..., cells: _Optional[_Iterable[_Union[CellPresence, _Mapping[str, object]]]] = ...) -> None: ...

class Provider(_message.Message):
    __slots__ = ("name", "properties")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    name: str
    properties: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., properties: _Optional[_Iterable[str]] = ...) -> None: ...

class ModificationTag(_message.Message):
    __slots__ = ("epoch", "index")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    epoch: str
    index: int
    def __init__(self, epoch: _Optional[str] = ..., index: _Optional[int] = ...) -> None: ...

from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ActualLRP(_message.Message):
    __slots__ = ("actual_lrp_key", "actual_lrp_instance_key", "crash_count", "state", "since", "presence")
    class Key(_message.Message):
        __slots__ = ("process_guid", "index", "domain")
        PROCESS_GUID_FIELD_NUMBER: _ClassVar[int]
        INDEX_FIELD_NUMBER: _ClassVar[int]
        DOMAIN_FIELD_NUMBER: _ClassVar[int]
        process_guid: str
        index: int
        domain: str
        def __init__(self, process_guid: _Optional[str] = ..., index: _Optional[int] = ..., domain: _Optional[str] = ...) -> None: ...
    class InstanceKey(_message.Message):
        __slots__ = ("instance_guid", "cell_id")
        INSTANCE_GUID_FIELD_NUMBER: _ClassVar[int]
        CELL_ID_FIELD_NUMBER: _ClassVar[int]
        instance_guid: str
        cell_id: str
        def __init__(self, instance_guid: _Optional[str] = ..., cell_id: _Optional[str] = ...) -> None: ...
    ACTUAL_LRP_KEY_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_LRP_INSTANCE_KEY_FIELD_NUMBER: _ClassVar[int]
    CRASH_COUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    actual_lrp_key: ActualLRP.Key
    actual_lrp_instance_key: ActualLRP.InstanceKey
    crash_count: int
    state: str
    since: int
    presence: int
    def __init__(self, actual_lrp_key: _Optional[_Union[ActualLRP.Key, _Mapping[str, object]]] = ..., actual_lrp_instance_key: _Optional[_Union[ActualLRP.InstanceKey, _Mapping[str, object]]] = ..., crash_count: _Optional[int] = ..., state: _Optional[str] = ..., since: _Optional[int] = ..., presence: _Optional[int] = ...) -> None: ...

class DesiredLRP(_message.Message):
    __slots__ = ("process_guid", "domain", "instances")
    PROCESS_GUID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    process_guid: str
    domain: str
    instances: int
    def __init__(self, process_guid: _Optional[str] = ..., domain: _Optional[str] = ..., instances: _Optional[int] = ...) -> None: ...

class Task(_message.Message):
    __slots__ = ("task_guid", "domain", "created_at", "updated_at", "first_completed_at", "state", "cell_id")
    TASK_GUID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    FIRST_COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CELL_ID_FIELD_NUMBER: _ClassVar[int]
    task_guid: str
    domain: str
    created_at: int
    updated_at: int
    first_completed_at: int
    state: int
    cell_id: str
    def __init__(self, task_guid: _Optional[str] = ..., domain: _Optional[str] = ..., created_at: _Optional[int] = ..., updated_at: _Optional[int] = ..., first_completed_at: _Optional[int] = ..., state: _Optional[int] = ..., cell_id: _Optional[str] = ...) -> None: ...

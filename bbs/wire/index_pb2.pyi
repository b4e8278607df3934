from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
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
    __slots__ = ("process_guid", "domain", "instances", "modification_tag")
    PROCESS_GUID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    MODIFICATION_TAG_FIELD_NUMBER: _ClassVar[int]
    process_guid: str
    domain: str
    instances: int
    modification_tag: bytes
    def __init__(self, process_guid: _Optional[str] = ..., domain: _Optional[str] = ..., instances: _Optional[int] = ..., modification_tag: _Optional[bytes] = ...) -> None: ...

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

class DesiredLRPSource(_message.Message):
    __slots__ = ("process_guid", "domain", "root_fs", "instances", "disk_mb", "memory_mb", "routes", "log_guid", "annotation", "modification_tag", "volume_mounts", "PlacementTags", "max_pids", "metric_tags")
    PROCESS_GUID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    ROOT_FS_FIELD_NUMBER: _ClassVar[int]
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    DISK_MB_FIELD_NUMBER: _ClassVar[int]
    MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    LOG_GUID_FIELD_NUMBER: _ClassVar[int]
    ANNOTATION_FIELD_NUMBER: _ClassVar[int]
    MODIFICATION_TAG_FIELD_NUMBER: _ClassVar[int]
    VOLUME_MOUNTS_FIELD_NUMBER: _ClassVar[int]
    PLACEMENTTAGS_FIELD_NUMBER: _ClassVar[int]
    MAX_PIDS_FIELD_NUMBER: _ClassVar[int]
    METRIC_TAGS_FIELD_NUMBER: _ClassVar[int]
    process_guid: bytes
    domain: bytes
    root_fs: bytes
    instances: int
    disk_mb: int
    memory_mb: int
    routes: bytes
    log_guid: bytes
    annotation: bytes
    modification_tag: bytes
    volume_mounts: _containers.RepeatedCompositeFieldContainer[VolumeMount]
    PlacementTags: _containers.RepeatedScalarFieldContainer[bytes]
    max_pids: int
    metric_tags: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, process_guid: _Optional[bytes] = ..., domain: _Optional[bytes] = ..., root_fs: _Optional[bytes] = ..., instances: _Optional[int] = ..., disk_mb: _Optional[int] = ..., memory_mb: _Optional[int] = ..., routes: _Optional[bytes] = ..., log_guid: _Optional[bytes] = ..., annotation: _Optional[bytes] = ..., modification_tag: _Optional[bytes] = ..., volume_mounts: _Optional[_Iterable[_Union[VolumeMount, _Mapping[str, object]]]] = ..., PlacementTags: _Optional[_Iterable[bytes]] = ..., max_pids: _Optional[int] = ..., metric_tags: _Optional[_Iterable[bytes]] = ...) -> None: ...

class VolumeMount(_message.Message):
    __slots__ = ("driver",)
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    driver: bytes
    def __init__(self, driver: _Optional[bytes] = ...) -> None: ...

class DesiredLRPKey(_message.Message):
    __slots__ = ("process_guid", "domain", "log_guid")
    PROCESS_GUID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    LOG_GUID_FIELD_NUMBER: _ClassVar[int]
    process_guid: bytes
    domain: bytes
    log_guid: bytes
    def __init__(self, process_guid: _Optional[bytes] = ..., domain: _Optional[bytes] = ..., log_guid: _Optional[bytes] = ...) -> None: ...

class DesiredLRPResource(_message.Message):
    __slots__ = ("memory_mb", "disk_mb", "root_fs", "max_pids")
    MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
    DISK_MB_FIELD_NUMBER: _ClassVar[int]
    ROOT_FS_FIELD_NUMBER: _ClassVar[int]
    MAX_PIDS_FIELD_NUMBER: _ClassVar[int]
    memory_mb: int
    disk_mb: int
    root_fs: bytes
    max_pids: int
    def __init__(self, memory_mb: _Optional[int] = ..., disk_mb: _Optional[int] = ..., root_fs: _Optional[bytes] = ..., max_pids: _Optional[int] = ...) -> None: ...

class VolumePlacement(_message.Message):
    __slots__ = ("driver_names",)
    DRIVER_NAMES_FIELD_NUMBER: _ClassVar[int]
    driver_names: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, driver_names: _Optional[_Iterable[bytes]] = ...) -> None: ...

class DesiredLRPSchedulingInfo(_message.Message):
    __slots__ = ("desired_lrp_key", "annotation", "instances", "desired_lrp_resource", "routes", "modification_tag", "volume_placement", "PlacementTags")
    DESIRED_LRP_KEY_FIELD_NUMBER: _ClassVar[int]
    ANNOTATION_FIELD_NUMBER: _ClassVar[int]
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    DESIRED_LRP_RESOURCE_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    MODIFICATION_TAG_FIELD_NUMBER: _ClassVar[int]
    VOLUME_PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    PLACEMENTTAGS_FIELD_NUMBER: _ClassVar[int]
    desired_lrp_key: DesiredLRPKey
    annotation: bytes
    instances: int
    desired_lrp_resource: DesiredLRPResource
    routes: bytes
    modification_tag: bytes
    volume_placement: VolumePlacement
    PlacementTags: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, desired_lrp_key: _Optional[_Union[DesiredLRPKey, _Mapping[str, object]]] = ..., annotation: _Optional[bytes] = ..., instances: _Optional[int] = ..., desired_lrp_resource: _Optional[_Union[DesiredLRPResource, _Mapping[str, object]]] = ..., routes: _Optional[bytes] = ..., modification_tag: _Optional[bytes] = ..., volume_placement: _Optional[_Union[VolumePlacement, _Mapping[str, object]]] = ..., PlacementTags: _Optional[_Iterable[bytes]] = ...) -> None: ...

class ImageLayer(_message.Message):
    __slots__ = ("name", "url", "destination_path", "layer_type", "digest_algorithm", "digest_value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_PATH_FIELD_NUMBER: _ClassVar[int]
    LAYER_TYPE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    DIGEST_VALUE_FIELD_NUMBER: _ClassVar[int]
    name: bytes
    url: bytes
    destination_path: bytes
    layer_type: int
    digest_algorithm: int
    digest_value: bytes
    def __init__(self, name: _Optional[bytes] = ..., url: _Optional[bytes] = ..., destination_path: _Optional[bytes] = ..., layer_type: _Optional[int] = ..., digest_algorithm: _Optional[int] = ..., digest_value: _Optional[bytes] = ...) -> None: ...

class CachedDependency(_message.Message):
    __slots__ = ("name", "source", "destination", "cache_key", "log_source", "checksum_algorithm", "checksum_value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    CACHE_KEY_FIELD_NUMBER: _ClassVar[int]
    LOG_SOURCE_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_VALUE_FIELD_NUMBER: _ClassVar[int]
    name: bytes
    source: bytes
    destination: bytes
    cache_key: bytes
    log_source: bytes
    checksum_algorithm: bytes
    checksum_value: bytes
    def __init__(self, name: _Optional[bytes] = ..., source: _Optional[bytes] = ..., destination: _Optional[bytes] = ..., cache_key: _Optional[bytes] = ..., log_source: _Optional[bytes] = ..., checksum_algorithm: _Optional[bytes] = ..., checksum_value: _Optional[bytes] = ...) -> None: ...

class DownloadAction(_message.Message):
    __slots__ = ("artifact", "source", "destination", "cache_key", "log_source", "user", "checksum_algorithm", "checksum_value")
    ARTIFACT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    CACHE_KEY_FIELD_NUMBER: _ClassVar[int]
    LOG_SOURCE_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_VALUE_FIELD_NUMBER: _ClassVar[int]
    artifact: bytes
    source: bytes
    destination: bytes
    cache_key: bytes
    log_source: bytes
    user: bytes
    checksum_algorithm: bytes
    checksum_value: bytes
    def __init__(self, artifact: _Optional[bytes] = ..., source: _Optional[bytes] = ..., destination: _Optional[bytes] = ..., cache_key: _Optional[bytes] = ..., log_source: _Optional[bytes] = ..., user: _Optional[bytes] = ..., checksum_algorithm: _Optional[bytes] = ..., checksum_value: _Optional[bytes] = ...) -> None: ...

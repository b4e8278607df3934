"""The messages that records consist of, one line each, as the JSON of the real BBS names their fields.

A field is `<number> <JSON name> <type>`. Types: s text, b boolean, i32 i64 u32 u64 numbers, `=E` enum E, a message's
name, `{v}` a map from text to v, `routes` a map from text to JSON documents. Signs after the type: `*` repeated,
`?` left out when zero, `^` its members stand in the parent's object, `!` there even when absent on the wire, `+` zero
and absent differ, `~` empty and absent don't (as for `^` and `!`). What isn't left out is written as zero or null.
Source: docs/reference/export.md.
"""

from __future__ import annotations

from types import MappingProxyType

MESSAGES = MappingProxyType(
    {
        "DesiredLRP": (
            "1 process_guid s; 2 domain s; 3 rootfs s; 4 instances i32; 5 env EnvironmentVariable*; 6 setup "
            "Action?; 7 action Action?; 8 deprecated_timeout_ns u32?; 9 monitor Action?; 10 disk_mb i32; 11 "
            "memory_mb i32; 12 cpu_weight u32; 13 privileged b; 14 ports u32*?; 15 routes routes?~; 16 log_source "
            "s; 17 log_guid s; 18 metrics_guid s; 19 annotation s; 20 egress_rules SecurityGroupRule*?; 21 "
            "modification_tag ModificationTag?~; 22 cached_dependencies CachedDependency*?; 23 "
            "legacy_download_user s?; 24 trusted_system_certificates_path s?; 25 volume_mounts VolumeMount*?; 26 "
            "network Network?; 27 start_timeout_ms i64; 28 placement_tags s*?; 29 max_pids i32; 30 "
            "certificate_properties CertificateProperties?; 31 image_username s?; 32 image_password s?; 33 "
            "check_definition CheckDefinition?; 34 image_layers ImageLayer*?; 35 metric_tags {MetricTagValue}?; "
            "36 sidecars Sidecar*?; 37 log_rate_limit LogRateLimit?; 38 volume_mounted_files File*; 39 "
            "update_strategy =DesiredLRP.UpdateStrategy "
        ),
        "EnvironmentVariable": "1 name s; 2 value s",
        "Action": (
            "1 download DownloadAction?; 2 upload UploadAction?; 3 run RunAction?; 4 timeout TimeoutAction?; 5 "
            "emit_progress EmitProgressAction?; 6 try TryAction?; 7 parallel ParallelAction?; 8 serial "
            "SerialAction?; 9 codependent CodependentAction? "
        ),
        "DownloadAction": (
            "1 artifact s?; 2 from s; 3 to s; 4 cache_key s; 5 log_source s?; 6 user s; 7 checksum_algorithm s?; "
            "8 checksum_value s? "
        ),
        "UploadAction": "1 artifact s?; 2 from s; 3 to s; 4 log_source s?; 5 user s",
        "RunAction": (
            "1 path s; 2 args s*?; 3 dir s?; 4 env EnvironmentVariable*?; 5 resource_limits ResourceLimits?; 6 "
            "user s; 7 log_source s?; 8 suppress_log_output b; 9 volume_mounted_files File* "
        ),
        "ResourceLimits": "1 nofile u64?+; 2 nproc u64?+",
        "File": "1 path s; 2 content s",
        "TimeoutAction": "1 action Action?; 2 timeout i64?; 3 log_source s?; 4 timeout_ms i64",
        "EmitProgressAction": (
            "1 action Action?; 2 start_message s; 3 success_message s; 4 failure_message_prefix s; 5 log_source s? "
        ),
        "TryAction": "1 action Action?; 2 log_source s?",
        "ParallelAction": "1 actions Action*?; 2 log_source s?",
        "SerialAction": "1 actions Action*?; 2 log_source s?",
        "CodependentAction": "1 actions Action*?; 2 log_source s?",
        "SecurityGroupRule": (
            "1 protocol s?; 2 destinations s*?; 3 ports u32*?; 4 port_range PortRange?; 5 icmp_info ICMPInfo?; 6 "
            "log b; 7 annotations s*? "
        ),
        "PortRange": "1 start u32; 2 end u32",
        "ICMPInfo": "1 type i32; 2 code i32",
        "ModificationTag": "1 epoch s; 2 index u32",
        "CachedDependency": (
            "1 name s; 2 from s; 3 to s; 4 cache_key s; 5 log_source s; 6 checksum_algorithm s?; 7 checksum_value s? "
        ),
        "VolumeMount": "1 driver s; 3 container_dir s; 6 mode s; 7 shared SharedDevice; 8 dedicated DedicatedDevice",
        "SharedDevice": "1 volume_id s; 2 mount_config s",
        "DedicatedDevice": "1 mounter_id s; 2 mount_config s; 3 device_config s",
        "Network": "1 properties {s}?",
        "CertificateProperties": "1 organizational_unit s*?",
        "CheckDefinition": "1 checks Check*?; 2 log_source s; 3 readiness_checks Check*?",
        "Check": "1 tcp_check TCPCheck?; 2 http_check HTTPCheck?",
        "TCPCheck": "1 port u32; 2 connect_timeout_ms u64?; 3 interval_ms u64?",
        "HTTPCheck": "1 port u32; 2 request_timeout_ms u64?; 3 path s; 4 interval_ms u64?",
        "ImageLayer": (
            "1 name s?; 2 url s; 3 destination_path s; 4 layer_type =ImageLayer.Type; 5 media_type "
            "=ImageLayer.MediaType; 6 digest_algorithm =ImageLayer.DigestAlgorithm?; 7 digest_value s? "
        ),
        "MetricTagValue": "1 static s?; 2 dynamic =MetricTagValue.DynamicValue?",
        "Sidecar": "1 action Action?; 2 disk_mb i32; 3 memory_mb i32",
        "LogRateLimit": "1 bytes_per_second i64?",
        "ActualLRP": (
            "1 actual_lrp_key ActualLRPKey^; 2 actual_lrp_instance_key ActualLRPInstanceKey^; 3 "
            "actual_lrp_net_info ActualLRPNetInfo^; 4 crash_count i32; 5 crash_reason s?; 6 state s; 7 "
            "placement_error s?; 8 since i64; 9 modification_tag ModificationTag!; 10 presence "
            "=ActualLRP.Presence; 11 actual_lrp_internal_routes ActualLRPInternalRoute*?; 12 metric_tags {s}?; 13 "
            "OptionalRoutable.routable b+; 14 availability_zone s "
        ),
        "ActualLRPKey": "1 process_guid s; 2 index i32; 3 domain s",
        "ActualLRPInstanceKey": "1 instance_guid s; 2 cell_id s",
        "ActualLRPNetInfo": (
            "1 address s; 2 ports PortMapping*; 3 instance_address s?; 4 preferred_address "
            "=ActualLRPNetInfo.PreferredAddress; 5 instance_ipv6_address s? "
        ),
        "PortMapping": (
            "1 container_port u32; 2 host_port u32; 3 container_tls_proxy_port u32; 4 host_tls_proxy_port u32"
        ),
        "ActualLRPInternalRoute": "1 hostname s",
        "Task": (
            "1 task_definition TaskDefinition^; 2 task_guid s; 3 domain s; 4 created_at i64; 5 updated_at i64; 6 "
            "first_completed_at i64; 7 state =Task.State; 8 cell_id s; 9 result s; 10 failed b; 11 failure_reason "
            "s; 12 rejection_count i32; 13 rejection_reason s "
        ),
        "TaskDefinition": (
            "1 rootfs s; 2 env EnvironmentVariable*?; 3 action Action?; 4 disk_mb i32; 5 memory_mb i32; 6 "
            "cpu_weight u32; 7 privileged b; 8 log_source s; 9 log_guid s; 10 metrics_guid s; 11 result_file s; "
            "12 completion_callback_url s?; 13 annotation s?; 14 egress_rules SecurityGroupRule*?; 15 "
            "cached_dependencies CachedDependency*?; 16 legacy_download_user s?; 17 "
            "trusted_system_certificates_path s?; 18 volume_mounts VolumeMount*?; 19 network Network?; 20 "
            "placement_tags s*?; 21 max_pids i32; 22 certificate_properties CertificateProperties?; 23 "
            "image_username s; 24 image_password s; 25 image_layers ImageLayer*?; 26 log_rate_limit "
            "LogRateLimit?; 27 metric_tags {MetricTagValue}?; 28 volume_mounted_files File* "
        ),
    }
)

ENUMS = MappingProxyType(
    {
        "ActualLRP.Presence": ("ORDINARY", "EVACUATING", "SUSPECT"),
        "ActualLRPNetInfo.PreferredAddress": ("UNKNOWN", "INSTANCE", "HOST"),
        "DesiredLRP.UpdateStrategy": (),
        "ImageLayer.DigestAlgorithm": ("DigestAlgorithmInvalid", "SHA256", "SHA512"),
        "ImageLayer.MediaType": ("MediaTypeInvalid", "TGZ", "TAR", "ZIP"),
        "ImageLayer.Type": ("LayerTypeInvalid", "SHARED", "EXCLUSIVE"),
        "MetricTagValue.DynamicValue": ("DynamicValueInvalid", "INDEX", "INSTANCE_GUID"),
        "Task.State": ("Invalid", "Pending", "Running", "Completed", "Resolving"),
    }
)
"""Names by number. The update strategy has none: its JSON is the number."""

CREATE TABLE `actual_lrps` (
  `process_guid` varchar(255) NOT NULL,
  `instance_index` int(11) NOT NULL,
  `evacuating` tinyint(1) NOT NULL DEFAULT 0,
  `domain` varchar(255) NOT NULL,
  `state` varchar(255) NOT NULL,
  `instance_guid` varchar(255) NOT NULL DEFAULT '',
  `cell_id` varchar(255) NOT NULL DEFAULT '',
  `placement_error` varchar(1024) NOT NULL DEFAULT '',
  `since` bigint(20) DEFAULT 0,
  `net_info` longtext NOT NULL,
  `modification_tag_epoch` varchar(255) NOT NULL,
  `modification_tag_index` int(11) DEFAULT NULL,
  `crash_count` int(11) NOT NULL DEFAULT 0,
  `crash_reason` varchar(1024) NOT NULL DEFAULT '',
  `expire_time` bigint(20) DEFAULT 0,
  `presence` int(11) NOT NULL DEFAULT 0,
  `internal_routes` mediumtext DEFAULT NULL,
  `metric_tags` mediumtext DEFAULT NULL,
  `routable` tinyint(1) DEFAULT 0,
  `availability_zone` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`process_guid`,`instance_index`,`presence`),
  KEY `actual_lrps_domain_idx` (`domain`),
  KEY `actual_lrps_cell_id_idx` (`cell_id`),
  KEY `actual_lrps_since_idx` (`since`),
  KEY `actual_lrps_state_idx` (`state`),
  KEY `actual_lrps_expire_time_idx` (`expire_time`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

CREATE TABLE `bbs_health_check` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `time` bigint(20) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

CREATE TABLE `configurations` (
  `id` varchar(255) NOT NULL,
  `value` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

CREATE TABLE `desired_lrps` (
  `process_guid` varchar(255) NOT NULL,
  `domain` varchar(255) NOT NULL,
  `log_guid` varchar(255) NOT NULL,
  `annotation` longtext DEFAULT NULL,
  `instances` int(11) NOT NULL,
  `memory_mb` int(11) NOT NULL,
  `disk_mb` int(11) NOT NULL,
  `rootfs` varchar(1024) NOT NULL DEFAULT '',
  `routes` longtext NOT NULL,
  `volume_placement` longtext NOT NULL,
  `modification_tag_epoch` varchar(255) NOT NULL,
  `modification_tag_index` int(11) DEFAULT NULL,
  `run_info` longtext NOT NULL,
  `placement_tags` text DEFAULT NULL,
  `max_pids` int(11) DEFAULT 0,
  `metric_tags` mediumtext DEFAULT NULL,
  `update_strategy` int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (`process_guid`),
  KEY `desired_lrps_domain_idx` (`domain`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

CREATE TABLE `domains` (
  `domain` varchar(255) NOT NULL,
  `expire_time` bigint(20) DEFAULT 0,
  PRIMARY KEY (`domain`),
  KEY `domains_expire_time_idx` (`expire_time`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

CREATE TABLE `tasks` (
  `guid` varchar(255) NOT NULL,
  `domain` varchar(255) NOT NULL,
  `updated_at` bigint(20) DEFAULT 0,
  `created_at` bigint(20) DEFAULT 0,
  `first_completed_at` bigint(20) DEFAULT 0,
  `state` int(11) DEFAULT NULL,
  `cell_id` varchar(255) NOT NULL DEFAULT '',
  `result` longtext DEFAULT NULL,
  `failed` tinyint(1) DEFAULT 0,
  `failure_reason` varchar(1024) NOT NULL DEFAULT '',
  `task_definition` longtext NOT NULL,
  `rejection_count` int(11) NOT NULL DEFAULT 0,
  `rejection_reason` varchar(1024) NOT NULL DEFAULT '',
  PRIMARY KEY (`guid`),
  KEY `tasks_domain_idx` (`domain`),
  KEY `tasks_state_idx` (`state`),
  KEY `tasks_cell_id_idx` (`cell_id`),
  KEY `tasks_updated_at_idx` (`updated_at`),
  KEY `tasks_created_at_idx` (`created_at`),
  KEY `tasks_first_completed_at_idx` (`first_completed_at`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

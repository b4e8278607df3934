CREATE TABLE public.actual_lrps (
    process_guid character varying(255) NOT NULL,
    instance_index integer NOT NULL,
    evacuating boolean DEFAULT false NOT NULL,
    domain character varying(255) NOT NULL,
    state character varying(255) NOT NULL,
    instance_guid character varying(255) DEFAULT ''::character varying NOT NULL,
    cell_id character varying(255) DEFAULT ''::character varying NOT NULL,
    placement_error character varying(1024) DEFAULT ''::character varying NOT NULL,
    since bigint DEFAULT 0,
    net_info text NOT NULL,
    modification_tag_epoch character varying(255) NOT NULL,
    modification_tag_index integer,
    crash_count integer DEFAULT 0 NOT NULL,
    crash_reason character varying(1024) DEFAULT ''::character varying NOT NULL,
    expire_time bigint DEFAULT 0,
    presence integer DEFAULT 0 NOT NULL,
    internal_routes text,
    metric_tags text
);
CREATE TABLE public.configurations (
    id character varying(255) NOT NULL,
    value character varying(255)
);
CREATE TABLE public.desired_lrps (
    process_guid character varying(255) NOT NULL,
    domain character varying(255) NOT NULL,
    log_guid character varying(255) NOT NULL,
    annotation text,
    instances integer NOT NULL,
    memory_mb integer NOT NULL,
    disk_mb integer NOT NULL,
    rootfs character varying(1024) NOT NULL,
    routes text NOT NULL,
    volume_placement text NOT NULL,
    modification_tag_epoch character varying(255) NOT NULL,
    modification_tag_index integer,
    run_info text NOT NULL,
    placement_tags text,
    max_pids integer DEFAULT 0
);
CREATE TABLE public.domains (
    domain character varying(255) NOT NULL,
    expire_time bigint DEFAULT 0
);
CREATE TABLE public.locks (
    path character varying(255) NOT NULL,
    owner character varying(255),
    value character varying(4096),
    type character varying(255) DEFAULT ''::character varying,
    modified_index bigint DEFAULT 0,
    modified_id character varying(255) DEFAULT ''::character varying,
    ttl bigint DEFAULT 0
);
CREATE TABLE public.tasks (
    guid character varying(255) NOT NULL,
    domain character varying(255) NOT NULL,
    updated_at bigint DEFAULT 0,
    created_at bigint DEFAULT 0,
    first_completed_at bigint DEFAULT 0,
    state integer,
    cell_id character varying(255) DEFAULT ''::character varying NOT NULL,
    result text,
    failed boolean DEFAULT false,
    failure_reason character varying(1024) DEFAULT ''::character varying NOT NULL,
    task_definition text NOT NULL,
    rejection_count integer DEFAULT 0 NOT NULL,
    rejection_reason character varying(1024) DEFAULT ''::character varying NOT NULL
);
ALTER TABLE ONLY public.actual_lrps
    ADD CONSTRAINT actual_lrps_pkey PRIMARY KEY (process_guid, instance_index, presence);
ALTER TABLE ONLY public.configurations
    ADD CONSTRAINT configurations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.desired_lrps
    ADD CONSTRAINT desired_lrps_pkey PRIMARY KEY (process_guid);
ALTER TABLE ONLY public.domains
    ADD CONSTRAINT domains_pkey PRIMARY KEY (domain);
ALTER TABLE ONLY public.locks
    ADD CONSTRAINT locks_pkey PRIMARY KEY (path);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (guid);
CREATE INDEX actual_lrps_cell_id_idx ON public.actual_lrps USING btree (cell_id);
CREATE INDEX actual_lrps_domain_idx ON public.actual_lrps USING btree (domain);
CREATE INDEX actual_lrps_expire_time_idx ON public.actual_lrps USING btree (expire_time);
CREATE INDEX actual_lrps_since_idx ON public.actual_lrps USING btree (since);
CREATE INDEX actual_lrps_state_idx ON public.actual_lrps USING btree (state);
CREATE INDEX desired_lrps_domain_idx ON public.desired_lrps USING btree (domain);
CREATE INDEX domains_expire_time_idx ON public.domains USING btree (expire_time);
CREATE INDEX tasks_cell_id_idx ON public.tasks USING btree (cell_id);
CREATE INDEX tasks_created_at_idx ON public.tasks USING btree (created_at);
CREATE INDEX tasks_domain_idx ON public.tasks USING btree (domain);
CREATE INDEX tasks_first_completed_at_idx ON public.tasks USING btree (first_completed_at);
CREATE INDEX tasks_state_idx ON public.tasks USING btree (state);
CREATE INDEX tasks_updated_at_idx ON public.tasks USING btree (updated_at);

"""Why a condition is as it is: every reason, what it means, what to do, and whether only a person can do it.

One member a reason; the text is what users read in `kubectl describe` when the gate has nothing more exact to say.
"""

from __future__ import annotations

from enum import StrEnum

NOTHING = "nothing, it goes on by itself"


class Reason(StrEnum):
    """A reason of a condition or an Event. `needs_person`: a gate closed for it blocks until somebody acts."""

    meaning: str
    remedy: str
    needs_person: bool

    def __new__(cls, value: str, meaning: str, remedy: str = NOTHING, needs_person: bool = False) -> Reason:
        """Joins the name with its two sentences."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning, member.remedy, member.needs_person = meaning, remedy, needs_person
        return member

    # The whole
    ALL_CURRENT = "AllCurrent", "Everything runs as the spec asks."
    OPEN = "Open", "The gate is open."
    CREATING = "Creating", "The deployment is being created for the first time."
    ROLLING = "Rolling", "A roll is going on."
    BBS_ROLLING = "BBSRolling", "BBS members are being replaced one by one, the master last."
    CELLS_ROLLING = "CellsRolling", "Cells are being evacuated and replaced."
    COMPONENT_ROLLING = "ComponentRolling", "Pods of a tier beside BBS and cells are being replaced."
    ROLLING_BACK = "RollingBack", "The deployment is on its way to an earlier release."
    DEGRADED = "Degraded", "Everything is of the wanted release, but some pods are not ready."
    DELETING = "Deleting", "The resource is being deleted; what deletionPolicy retains stays."
    SERVING = "Serving", "The API answers."
    NOT_OBSERVED = "NotObserved", "Nothing has been seen yet that would tell."
    NOT_APPLICABLE = "NotApplicable", "This Diego has nothing that the condition could speak of."
    OBSERVATION_FAILED = (
        "ObservationFailed",
        "Something that has to be read could not be read, so nothing is decided on it.",
        "see the message; reading is tried again each pass",
    )
    RECONCILE_FAILED = (
        "ReconcileFailed",
        "A call of the operator to the API server was refused or failed.",
        "see the message for the call and its answer; it is tried again each pass",
    )
    MISSING_PERMISSION = (
        "MissingPermission",
        "The operator's service account lacks a verb that it needs.",
        "install the chart diego-operator of the operator's own version, which grants the verb named",
        True,
    )
    # SpecAccepted
    ACCEPTED = "Accepted", "The spec is understood."
    SPEC_INVALID = (
        "SpecInvalid",
        "A field of the spec is unknown or has a value that this operator does not take.",
        "correct the field named, or install the CRDs and the operator of one and the same release",
        True,
    )
    NOT_BUILT_YET = (
        "NotBuiltYet",
        "The spec asks for something that the resource describes but this release does not do yet.",
        "remove the field named, or choose the value that the message gives",
        True,
    )
    UNKNOWN_VERSION = (
        "UnknownVersion",
        "Images of the wanted version can't be had, so nothing is known of it.",
        "push the images of that version to spec.images.repository, or name a version that is there",
        True,
    )
    SECRET_MISSING = (
        "SecretMissing",
        "A Secret or ConfigMap that the spec names, or a key in it, does not exist.",
        "create it in the namespace of the resource with the key named",
        True,
    )
    VOLUME_KEPT_LARGER = (
        "VolumeKeptLarger",
        "The spec asks for a smaller volume than the one in use; volumes don't shrink, so it is kept as it is.",
        "set the size to that of the volume",
    )
    # StoreReachable, StoreChangeDeclared
    STORE_UNREACHABLE = (
        "StoreUnreachable",
        "The BBS gets no answer from its store.",
        "see that the store runs and that its address, trust and credentials are right",
        True,
    )
    STORE_STARTING = "StoreStarting", "The managed store is starting."
    STORE_FULL = (
        "StoreFull",
        "The store takes no more writes because its space is used up.",
        "enlarge the store's volume or quota, then clear its alarm",
        True,
    )
    STORE_OWNED = (
        "StoreOwned",
        "The store belongs to another Diego.",
        "give this Diego a store of its own, or set spec.store.adoptionPolicy to Always once the other one is gone",
        True,
    )
    STORE_IDENTITY_MISMATCH = (
        "StoreIdentityMismatch",
        "The store is not the one that this Diego has used so far, or it has lost its data.",
        "bring the old store back; to begin with the new one, delete the ConfigMap that keeps the identity",
        True,
    )
    STORE_CHANGE_UNDECLARED = (
        "StoreChangeUndeclared",
        "The spec names another store than the one in use, without saying that the records shall move.",
        "go back to the store in use, or name it in spec.store.migrateFrom",
        True,
    )
    # StoreMoved, MoveAlone, MovePrepared, Finalizable
    MOVED = "Moved", "The records lie in the store that the spec names."
    MOVE_NOT_ALONE = (
        "MoveNotAlone",
        "The store and the release or data version are to change at once.",
        "take version and targetDataVersion back until the records have moved, or spec.store until the roll is done",
        True,
    )
    MOVE_PREPARING = "MovePreparing", "BBS members are being told of both stores; the records lie where they were."
    MOVE_STORE_UNREACHABLE = (
        "MoveStoreUnreachable",
        "A BBS member can't reach the store that the records are to go to; the former one serves on.",
        "see that it runs and that its address, trust, credentials and rights are right, or put spec.store back",
        True,
    )
    MOVING = "Moving", "The records are being copied to the new store; the API answers 503 meanwhile."
    MOVE_FAILED = (
        "MoveFailed",
        "The move to the new store has stopped; the records lie in the former one, whole.",
        "mend what the message names and set a new spec.migration.retryToken, or put spec.store back",
        True,
    )
    MOVE_WITHDRAWING = "MoveWithdrawing", "The move to the new store is being taken back."
    MOVE_SETTLING = "MoveSettling", "The records have moved; Locket and the BBS are led away from the former store."
    STORE_MOVED_AWAY = (
        "StoreMovedAway",
        "The spec names the store that the records have left for another one.",
        "name the store in use again; bbs export and import carry records into a Diego of another name",
        True,
    )
    # StepAllowed
    STEP_ALLOWED = "StepAllowed", "The wanted release reads the stored data and speaks an API of the running one."
    STEP_UNKNOWN = "StepUnknown", "The first replaced BBS member has not yet told what it can read."
    BUILT_AS_ANOTHER = (
        "BuiltAsAnother",
        "A BBS member's image was built as another release than spec.version.",
        "correct the override in spec.images.overrides, or set spec.version to the release in the message",
        True,
    )
    DATA_TOO_NEW = (
        "DataTooNew",
        "The stored data is newer than anything the wanted release reads.",
        "choose a release that reads it, or bring the data down with the newer release first",
        True,
    )
    DATA_TOO_OLD = (
        "DataTooOld",
        "The stored data is older than anything the wanted release reads.",
        "go by way of a release that reads both",
        True,
    )
    TARGET_NOT_SERVED = (
        "TargetNotServed",
        "The wanted release does not serve spec.targetDataVersion.",
        "remove targetDataVersion or set it to one of the versions in the message",
        True,
    )
    SKIPPED_MAJOR = (
        "SkippedMajor",
        "The wanted release shares no API with the running one: components of both could not talk.",
        "go by way of the releases between, one major at a time",
        True,
    )
    # Healthy, MasterServing
    HEALTHY = "Healthy", "The deployment is well enough for a roll to begin."
    NO_MASTER = "NoMaster", "No BBS member serves.", "see the states of the members in status.bbs"
    BBS_UNREACHABLE = (
        "BBSUnreachable",
        "No BBS member answers the operator, so nothing is known of it.",
        "see that the pods of the BBS run and that the operator may connect to them",
    )
    CELLS_MISSING = "CellsMissing", "Fewer cells are registered than run.", "see the cells that are not ready"
    CELLS_EVACUATING = "CellsEvacuating", "A cell is evacuating.", "wait until it has drained or cancel its evacuation"
    CANARY_FAILING = (
        "CanaryFailing",
        "The canary app does not answer.",
        "see why it can't be reached; a roll would hide the cause",
        True,
    )
    # Paused, Approval
    PAUSED = (
        "Paused",
        "spec.paused is set: no template, eviction, evacuation, target or key call is made.",
        "set spec.paused to false to go on",
        True,
    )
    NOT_PAUSED = "NotPaused", "Nothing is paused."
    AWAITING_APPROVAL = (
        "AwaitingApproval",
        "The roll is planned and waits for consent.",
        "set spec.upgrade.approvedPlan to the id in status.roll.id",
        True,
    )
    # KeyringDistributed, EncryptionCurrent
    KEYRING_DISTRIBUTED = "KeyringDistributed", "Every BBS member has loaded every key."
    KEYRING_SPREADING = (
        "KeyringSpreading",
        "Some BBS members have not yet loaded every key, or the wanted one is not active yet.",
    )
    KEY_MATERIAL_CHANGED = (
        "KeyMaterialChanged",
        "A Secret gives other bytes for a key label that is in use.",
        "bring the old bytes back and give the new ones a new name",
        True,
    )
    KEY_STILL_IN_USE = (
        "KeyStillInUse",
        "A key was dropped from the spec while records use it; it is kept.",
        "wait for EncryptionCurrent, or list the key again",
    )
    KEY_UNKNOWN = (
        "KeyUnknown",
        "The store's records use a key that the keyring does not hold.",
        "list that key in spec.encryption.keys",
        True,
    )
    ROTATING = "Rotating", "Records are being written again with the active key."
    ALL_ON_ACTIVE_KEY = "AllOnActiveKey", "No record uses any key but the active one."
    NOT_ENCRYPTED = "NotEncrypted", "The stored data version keeps records without encryption."
    # Prepared, SchemaCurrent
    PREPARED = "Prepared", "The new release has read every record and could write it at the target version."
    PREPARING = "Preparing", "The new release is reading every record, to see whether it could be migrated."
    PREPARE_LATE = (
        "PreparedLate",
        "With one BBS member, records can be checked only after it has been replaced.",
        "use three members to learn of a bad record before any is replaced",
    )
    RECORD_UNREADABLE = (
        "RecordUnreadable",
        "A record can't be read or can't be written at the target version.",
        "mend or delete the record named, or go back to the old version",
        True,
    )
    RECORDS_WOULD_LOSE = (
        "RecordsWouldLose",
        "The target version can't hold something that a record says now and that must not be dropped.",
        "change or delete the record named, or choose another target",
        True,
    )
    LOSSES_NEED_CONSENT = (
        "LossesNeedConsent",
        "The target version can't hold something that records say now; it would be dropped.",
        "set the annotation diego-operator.io/accept-losses to the value in the message, or choose another target",
        True,
    )
    SCHEMA_CURRENT = "SchemaCurrent", "All BBS members run the wanted release at the wanted data version."
    BBS_MEMBERS_BEHIND = "BBSMembersBehind", "Some BBS members don't yet run the wanted release."
    TARGET_NOT_RAISED = "TargetNotRaised", "The BBS has not yet been told to go to the wanted data version."
    MIGRATING = (
        "Migrating",
        "The BBS is migrating its data; the API answers 503 meanwhile, online it goes on serving.",
    )
    MIGRATION_SLOW = (
        "MigrationSlow",
        "The migration runs longer than spec.migration.slowAfter.",
        "see its progress; it is never stopped, but can be withdrawn by going back to the old version",
    )
    MIGRATION_FAILED = (
        "MigrationFailed",
        "The migration has stopped at a record and holds; the old data is whole.",
        "mend the record named and set a new spec.migration.retryToken, or go back to the old version",
        True,
    )
    WITHDRAWING = "Withdrawing", "The wanted data version is being taken back to the stored one."
    # LocketCurrent, AuctioneerCurrent and the other tiers
    TIER_CURRENT = "TierCurrent", "The tier runs the wanted release and is ready."
    TIER_BEHIND = "TierBehind", "Some pods of the tier don't yet run the wanted release."
    TIER_NOT_READY = "TierNotReady", "Some pods of the tier are not ready.", "see the pods named in the message"
    WAITS_FOR_TIER = "WaitsForTier", "The tier waits for one that has to be current before it."
    # NextCellAllowed
    CELLS_CURRENT = "CellsCurrent", "Every cell runs the wanted release."
    NO_CELLS = "NoCells", "The spec asks for no cells."
    CELLS_BEHIND = "CellsBehind", "Some cells don't yet run the wanted release."
    CELL_AWAY = "CellAway", "As many cells are away as rollout.maxUnavailable allows."
    CELL_EVACUATING = "CellEvacuating", "A cell moves its instances to other cells before it is replaced."
    PRESENCE_NOT_HELD = "PresenceNotHeld", "The cell replaced last has not yet held its presence for minReadySeconds."
    ROWS_UNSETTLED = "RowsUnsettled", "Instances of replaced cells are still suspect or evacuating."
    EVACUATION_TIMED_OUT = (
        "EvacuationTimedOut",
        "A cell did not drain within rollout.evacuationTimeout and takes work again.",
        "make room on other cells for the instances named, or add a cell; it is asked again after a minute",
        True,
    )
    NO_SPARE_CAPACITY = (
        "NoSpareCapacity",
        "The other cells have no room for what the next cell runs.",
        "add a cell or set rollout.maxSurge",
        True,
    )
    # Pods that never come
    POD_SECURITY = (
        "PodSecurity",
        "The namespace's Pod Security level refuses the pod.",
        "set the namespace's label pod-security.kubernetes.io/enforce to restricted or a weaker level",
        True,
    )
    QUOTA = (
        "Quota",
        "The namespace's ResourceQuota refuses the pod.",
        "raise the quota or lower the resources of the tier",
        True,
    )
    WEBHOOK = (
        "Webhook",
        "An admission webhook refuses the pod or does not answer.",
        "see the webhook named; exempt the namespace or mend it",
        True,
    )
    TEMPLATE_REFUSED = (
        "TemplateRefused",
        "The API server refuses an object that the spec leads to.",
        "correct the field of the spec that the message names",
        True,
    )
    IMAGE_PULL = (
        "ImagePull",
        "An image can't be pulled.",
        "push the image named, or correct spec.images",
        True,
    )
    UNSCHEDULABLE = (
        "Unschedulable",
        "No node takes the pod.",
        "add room or correct resources, nodeSelector, tolerations or affinity of the tier",
        True,
    )
    VOLUME_PENDING = (
        "VolumePending",
        "The pod's volume is not bound or can't be mounted.",
        "see the volume claim; correct storageClassName or provide a volume",
        True,
    )
    CRASHING = (
        "Crashing",
        "A container starts and ends again and again.",
        "see the log of the container named",
        True,
    )
    # Certificates, templates, rolls
    CERTIFICATES_CURRENT = "CertificatesCurrent", "Every certificate is trusted and far from its end."
    CERTIFICATES_RENEWING = "CertificatesRenewing", "Certificates are being issued or renewed."
    TEMPLATES_CURRENT = "TemplatesCurrent", "Every template is as this operator writes it."
    AWAITING_CONSENT = (
        "AwaitingConsent",
        "This operator writes a pod template differently; nothing is restarted for it.",
        "set the annotation diego-operator.io/refresh-templates on the Diego, or wait for the next version change",
    )
    ROLLBACK_OPEN = "RollbackOpen", "The release before this one can be returned to."
    NO_EARLIER_RELEASE = "NoEarlierRelease", "No earlier release has served this Diego."
    NOT_BLOCKED = "NotBlocked", "No gate waits for a person."
    IDLE = "Idle", "Nothing is to be done."
    WITHIN_BUDGET = "WithinBudget", "The roll has stayed within its budgets."
    BUDGET_EXCEEDED = (
        "BudgetExceeded",
        "The API or the canary app was away longer than spec.upgrade.checks allows.",
        "see status.upgradeReport before the roll goes on",
        True,
    )

{{- /* What the operator does in the namespaces of its Diegos: each verb with its reason, none without. */ -}}
{{- define "diego-operator.rules" -}}
# The Diegos themselves: read once, listed and watched. Never written but for their status.
- apiGroups: [diego-operator.io]
  resources: [diegos]
  verbs: [get, list, watch]
- apiGroups: [diego-operator.io]
  resources: [diegos/status]
  verbs: [patch]
# Children name their Diego as blocking owner; where the API server enforces that, it asks for this verb.
- apiGroups: [diego-operator.io]
  resources: [diegos/finalizers]
  verbs: [update]
# Pods: observed; delete replaces those that can't be evicted (never ready) or must go by an exact uid.
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, delete]
# Healthy pods are replaced by eviction, which disruption budgets can refuse.
- apiGroups: [""]
  resources: [pods/eviction]
  verbs: [create]
# One StatefulSet per BBS member and per other tier: server-side apply is patch, and create for a new one;
# delete when a member or a pool is no longer wanted. What a Diego owned goes with it by itself.
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [list, watch, create, patch, delete]
# What the StatefulSets need around them: applied, and read back by name; deleted is what belonged to a managed etcd, once the
# records have moved to a relational store.
- apiGroups: [""]
  resources: [services, configmaps]
  verbs: [get, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, create, patch, delete]
# Certificates, keyring, credentials and the Secrets that a spec names for its keys, by name. Never listed or watched: other people's Secrets are not ours to see. Deleted are those of an etcd that the records have left.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create, patch, delete]
# Events: written for each destructive call and each transition.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
# Listed to learn why a StatefulSet makes no pod.
- apiGroups: [""]
  resources: [events]
  verbs: [list]
{{- end -}}

{{- /* What it does in its own namespace. CRDs and namespaces are not read: kopf's scanning is off. The check of its
own verbs at start (SelfSubjectAccessReview) is open to every account by the cluster's role system:basic-user. */ -}}
{{- define "diego-operator.lease-rules" -}}
# The Lease that decides which replica acts.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, update]
{{- end -}}

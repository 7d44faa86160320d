{{/* The system as the AppHost describes it. */}}
{{- define "model" -}}
{{ .Files.Get "files/model.json" }}
{{- end -}}

{{- define "image" -}}
{{ .root.Values.image.repository | required "image.repository: where deploy/images has put the images, such as registry.example.com/aspire-webhooks" }}/{{ .name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{- define "selector" -}}
app.kubernetes.io/part-of: aspire-webhooks
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/name: {{ .name }}
{{- end -}}

{{- define "labels" -}}
{{ include "selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{- define "secretName" -}}
{{ .Values.secrets.existingSecret | default (printf "%s-secrets" .Release.Name) }}
{{- end -}}

{{/* Servers in the chart are not there before it is installed: then the migrations come after them instead of before everything. */}}
{{- define "migrationsHook" -}}
{{ ternary "post-install,pre-upgrade" "pre-install,pre-upgrade" (or .Values.servers.postgres.enabled .Values.servers.broker.enabled) }}
{{- end -}}

{{- define "otlpEndpoint" -}}
{{ ternary "http://otel-collector:4317" .Values.telemetry.otlpEndpoint .Values.telemetry.collector.enabled }}
{{- end -}}

{{/* Where people reach the front door: what links in notices and of the portal begin with. */}}
{{- define "publicUrl" -}}
{{ ternary "http" "https" (empty .Values.ingress.tls.secretName) }}://{{ .Values.ingress.host }}
{{- end -}}

{{- define "podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* The settings of the model, then those that every deployment adds. dict: root, service, settings (of values.services) */}}
{{- define "environment" -}}
{{- $root := .root -}}
{{- $settings := .settings -}}
{{- range .service.environment }}
{{- if hasKey . "value" }}
- name: {{ .name }}
  value: {{ .value | quote }}
{{- else if hasKey . "parameter" }}
- name: {{ .name }}
  value: {{ index $root.Values.parameters .parameter | required (printf "parameters.%s" .parameter) | quote }}
{{- else if hasKey . "secret" }}
- name: {{ .name }}
  valueFrom: {secretKeyRef: {name: {{ include "secretName" $root }}, key: {{ .secret }}}}
{{- else if eq .connection "webhooks" }}
- name: DATABASE
  valueFrom: {secretKeyRef: {name: {{ include "secretName" $root }}, key: {{ $settings.databaseKey | default .name }}}}
- name: {{ .name }}
  value: "$(DATABASE);Maximum Pool Size={{ $settings.pool | int }}"
{{- else }}
- name: {{ .name }}
  valueFrom: {secretKeyRef: {name: {{ include "secretName" $root }}, key: {{ .name }}, optional: {{ eq .connection "redis" }}}}
{{- end }}
{{- end }}
- name: ASPNETCORE_ENVIRONMENT
  value: {{ .environment | default $root.Values.environment | quote }}
- name: Logging__Console__FormatterName
  value: json
{{- if include "otlpEndpoint" $root }}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ include "otlpEndpoint" $root | quote }}
- name: OTEL_SERVICE_NAME
  value: {{ .service.name }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: "service.namespace={{ $root.Release.Namespace }},service.instance.id=$(POD_NAME),service.version={{ $root.Values.image.tag | default $root.Chart.AppVersion }}"
{{- end }}
{{- if $root.Values.ingress.enabled }}
- name: Webhooks__PortalUrl
  value: {{ include "publicUrl" $root }}
- name: Notices__PortalUrl
  value: {{ include "publicUrl" $root }}
{{- end }}
{{- range $name, $value := merge (dict) ($settings.env | default dict) $root.Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Every replica, one more while they are replaced, and the migrations: each with a full pool. */}}
{{- define "connectionsNeeded" -}}
{{- $needed := 0 -}}
{{- range $service := (include "model" . | fromJson).services -}}
{{- $settings := index $.Values.services $service.name -}}
{{- $replicas := 1 -}}
{{- if not $service.runsOnce -}}
{{- $replicas = add 1 (ternary ($settings.autoscaling.maxReplicas | default 0) $settings.replicas $settings.autoscaling.enabled) -}}
{{- end -}}
{{- $needed = add $needed (mul $replicas $settings.pool) -}}
{{- end -}}
{{ $needed }}
{{- end -}}

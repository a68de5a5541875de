{{- define "sluice.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sluice.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "sluice.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "sluice.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: {{ include "sluice.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: {{ .Values.role }}
{{- end -}}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "sluice.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sluice.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "sluice.isAgent" -}}
{{- if eq .Values.role "Agent" -}}yes{{- else if ne .Values.role "Aggregator" -}}
{{- fail (printf "role is %q: it is Agent or Aggregator" .Values.role) -}}
{{- end -}}
{{- end -}}

{{- define "sluice.config" -}}
{{- if .Values.customConfig -}}
{{ toYaml .Values.customConfig }}
{{- else if include "sluice.isAgent" . -}}
data_dir: {{ .Values.dataDir }}
api:
  enabled: true
  address: 0.0.0.0:8686
sources:
  kubernetes_logs:
    type: kubernetes_logs
  internal_metrics:
    type: internal_metrics
sinks:
  prometheus:
    type: prometheus_exporter
    inputs: [internal_metrics]
    address: 0.0.0.0:9598
  stdout:
    type: console
    inputs: [kubernetes_logs]
    encoding:
      codec: json
{{- else -}}
data_dir: {{ .Values.dataDir }}
api:
  enabled: true
  address: 0.0.0.0:8686
sources:
  http:
    type: http_server
    address: 0.0.0.0:8080
    decoding:
      codec: json
  internal_metrics:
    type: internal_metrics
sinks:
  prometheus:
    type: prometheus_exporter
    inputs: [internal_metrics]
    address: 0.0.0.0:9598
  stdout:
    type: console
    inputs: [http]
    encoding:
      codec: json
{{- end -}}
{{- end -}}

{{/* What both kinds of pod have. */}}
{{- define "sluice.pod" -}}
serviceAccountName: {{ include "sluice.serviceAccount" . }}
automountServiceAccountToken: {{ if include "sluice.isAgent" . }}true{{ else }}false{{ end }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- if include "sluice.isAgent" . }}
  # The files below /var/log/pods belong to root and are readable by nobody else.
  runAsUser: 0
  {{- else }}
  runAsNonRoot: true
  runAsUser: 65532
  fsGroup: 65532
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: sluice
    image: "{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}"
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args: ["--config-dir", "/etc/sluice"]
    env:
      - name: VECTOR_SELF_NODE_NAME
        valueFrom:
          fieldRef:
            fieldPath: spec.nodeName
      - name: VECTOR_SELF_POD_NAME
        valueFrom:
          fieldRef:
            fieldPath: metadata.name
      - name: VECTOR_SELF_POD_NAMESPACE
        valueFrom:
          fieldRef:
            fieldPath: metadata.namespace
      {{- with .Values.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with .Values.envFrom }}
    envFrom: {{- toYaml . | nindent 6 }}
    {{- end }}
    ports:
      - name: api
        containerPort: 8686
        protocol: TCP
      {{- with .Values.ports }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    livenessProbe:
      httpGet: { path: /health, port: api }
      initialDelaySeconds: 10
      periodSeconds: 20
      failureThreshold: 6
    readinessProbe:
      httpGet: { path: /health, port: api }
      periodSeconds: 5
    resources: {{- toYaml .Values.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
        {{- if include "sluice.isAgent" . }}
        add: [DAC_READ_SEARCH]
        {{- end }}
    volumeMounts:
      - name: config
        mountPath: /etc/sluice
        readOnly: true
      - name: data
        mountPath: {{ .Values.dataDir }}
      {{- if include "sluice.isAgent" . }}
      - name: var-log
        mountPath: /var/log
        readOnly: true
      - name: docker-logs
        mountPath: /var/lib/docker/containers
        readOnly: true
      {{- end }}
      {{- with .Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
{{- end -}}

{{- define "sluice.volumes" -}}
- name: config
  configMap:
    name: {{ default (include "sluice.fullname" .) .Values.existingConfigMap }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sluice.annotations" -}}
{{- if not .Values.existingConfigMap }}
checksum/config: {{ include "sluice.config" . | sha256sum }}
{{- end }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sensory-agent.labels" -}}
app.kubernetes.io/name: sensory-agent
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "sensory-agent.name" -}}
{{ .Release.Name | trunc 48 | trimSuffix "-" }}-sensory-agent
{{- end }}
{{- define "sensory-agent.image" -}}
{{ .image.repository }}:{{ .image.tag | default .appVersion }}
{{- end }}

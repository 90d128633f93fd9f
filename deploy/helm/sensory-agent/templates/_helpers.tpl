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
{{- /* The configuration file: that of the values, and personas that nobody sends anywhere by dispatch. */ -}}
{{- define "sensory-agent.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $worker := $config.worker | default dict }}
{{- if not (or $config.rooms $worker.agents) }}
{{- $names := list }}
{{- range $config.personas }}{{ $names = append $names .name }}{{ end }}
{{- $_ := set $worker "agents" (list (dict "name" "greeter" "personas" $names)) }}
{{- end }}
{{- if and $worker.agents (not (hasKey $worker "lost")) }}
{{- $_ := set $worker "lost" "20s" }}
{{- end }}
{{- if $worker }}
{{- $_ := set $config "worker" $worker }}
{{- else }}
{{- $_ := unset $config "worker" }}
{{- end }}
{{- toYaml $config }}
{{- end }}

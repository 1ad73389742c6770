{{/* The first part of every name. Short enough that the longest suffix still makes a DNS label. */}}
{{- define "healthtrack.fullname" -}}
{{- $name := default .Release.Name .Values.fullnameOverride -}}
{{- if and (not .Values.fullnameOverride) (not (contains "healthtrack" $name)) -}}
{{- $name = printf "%s-healthtrack" $name -}}
{{- end -}}
{{- $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "healthtrack.operatorName" -}}{{ include "healthtrack.fullname" . }}-operator{{- end -}}
{{- define "healthtrack.dashboardName" -}}{{ include "healthtrack.fullname" . }}-dashboard{{- end -}}
{{- define "healthtrack.apiName" -}}{{ include "healthtrack.fullname" . }}-api{{- end -}}
{{- define "healthtrack.linkName" -}}{{ include "healthtrack.fullname" . }}-operator-link{{- end -}}

{{/* The certificate of the link, where there is one. */}}
{{- define "healthtrack.linkSecret" -}}
{{- if eq .Values.link.tls.mode "existingSecret" -}}
{{- required "link.tls.mode is existingSecret: name the Secret with tls.crt and tls.key in link.tls.existingSecret." .Values.link.tls.existingSecret -}}
{{- else -}}
{{ include "healthtrack.fullname" . }}-link-tls
{{- end -}}
{{- end -}}

{{/* The ConfigMap whose ca.crt the workers trust; empty: the roots of their image. */}}
{{- define "healthtrack.linkCa" -}}
{{- if eq .Values.link.tls.mode "selfSigned" -}}
{{ include "healthtrack.fullname" . }}-link-ca
{{- else if ne .Values.link.tls.mode "none" -}}
{{ .Values.link.tls.caConfigMap }}
{{- end -}}
{{- end -}}

{{/*
What the link's certificate is good for, in the fields that cert-manager has for it too: whoever dials an address looks for it among the addresses alone.
*/}}
{{- define "healthtrack.linkHosts" -}}
{{- $link := include "healthtrack.linkName" . -}}
{{- $names := list $link (printf "%s.%s" $link .Release.Namespace) (printf "%s.%s.svc" $link .Release.Namespace) (printf "%s.%s.svc.cluster.local" $link .Release.Namespace) -}}
{{- $addresses := list -}}
{{- range .Values.link.tls.extraHosts -}}
{{- if regexMatch "^[0-9]+([.][0-9]+){3}$|:" . -}}
{{- $addresses = append $addresses . -}}
{{- else -}}
{{- $names = append $names . -}}
{{- end -}}
{{- end -}}
dnsNames:
  {{- uniq $names | toYaml | nindent 2 }}
{{- with $addresses }}
ipAddresses:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What tells the pods of a component from all others. Called with the root and the component's name. */}}
{{- define "healthtrack.selector" -}}
app.kubernetes.io/name: healthtrack
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Called with the root, the component's name and its podLabels. One that is ours would make two of a key, or lead a Service to other pods. */}}
{{- define "healthtrack.podLabels" -}}
{{- $own := printf "%s\napp.kubernetes.io/part-of: healthtrack" (include "healthtrack.selector" .) -}}
{{- range $key, $_ := fromYaml $own -}}
{{- if hasKey $.labels $key }}{{ fail (printf "%s.podLabels has %s, which tells the chart's pods apart: leave it out." $.component $key) }}{{ end -}}
{{- end -}}
{{ $own }}
{{- with .labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "healthtrack.labels" -}}
{{ include "healthtrack.selector" . }}
app.kubernetes.io/part-of: healthtrack
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Called with the root and an image of the values. */}}
{{- define "healthtrack.image" -}}
{{- with .root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{ .image.repository }}
{{- if .image.digest }}@{{ .image.digest }}{{ else }}:{{ default .root.Chart.AppVersion .root.Values.image.tag }}{{ end -}}
{{- end -}}

{{/* The operators: one where the store is a file, which belongs to one process. */}}
{{- define "healthtrack.replicas" -}}
{{- if eq .Values.storage.type "embedded" }}1{{ else }}{{ .Values.operator.replicas }}{{ end -}}
{{- end -}}

{{/* Where people find the dashboard; empty where nothing says so and the chart runs none. */}}
{{- define "healthtrack.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{ .Values.publicUrl }}
{{- else if .Values.ingress.enabled -}}
{{ ternary "https" "http" (not (empty .Values.ingress.tls)) }}://{{ .Values.ingress.host }}
{{- else if .Values.dashboard.enabled -}}
http://{{ include "healthtrack.dashboardName" . }}.{{ .Release.Namespace }}.svc:{{ .Values.dashboard.service.port }}
{{- end -}}
{{- end -}}

{{/* The user of the workers is that of the chart's own pods. A number of the values is a float, which would be written as 1.00065e+09. */}}
{{- define "healthtrack.probeUser" -}}
{{- with .Values.podSecurityContext.runAsUser }}{{ int64 . }}{{ else }}none{{ end -}}
{{- end -}}

{{/* Quantities as the operator's flags have them: cpu=50m,memory=64Mi. A number of the values is a float, which would be written as 2.68435456e+08. */}}
{{- define "healthtrack.quantities" -}}
{{- $items := list -}}
{{- range $resource, $quantity := . -}}
{{- $items = append $items (printf "%s=%s" $resource (kindIs "float64" $quantity | ternary (toJson $quantity) (toString $quantity))) -}}
{{- end -}}
{{- join "," $items -}}
{{- end -}}

{{/* The ports of name servers: OpenShift's listen on 5353 behind their Service, and a policy sees the port of the pod. */}}
{{- define "healthtrack.dns" -}}
[{port: 53, protocol: UDP}, {port: 53, protocol: TCP}, {port: 5353, protocol: UDP}, {port: 5353, protocol: TCP}]
{{- end -}}

{{/* The rules of a role in config/rbac. Called with the root, the file, the kind and the name. */}}
{{- define "healthtrack.rules" -}}
{{- $found := list -}}
{{- range $document := splitList "\n---\n" (.root.Files.Get (printf "config/rbac/%s.yaml" .file)) -}}
{{- $object := fromYaml $document -}}
{{- if and (eq (get $object "kind") $.kind) (eq (get (get $object "metadata") "name") $.name) -}}
{{- $found = $object.rules -}}
{{- end -}}
{{- end -}}
{{- if not $found }}{{ fail (printf "config/rbac/%s.yaml has no %s %s: package the chart from a whole checkout." .file .kind .name) }}{{ end -}}
{{- toYaml $found -}}
{{- end -}}

{{/* What every pod has. Called with the root and the component's values. */}}
{{- define "healthtrack.pod" -}}
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .pod.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .pod.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .pod.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Two pods on one node, or in one zone, are one when it goes. Called with the root and the component's name. */}}
{{- define "healthtrack.spread" -}}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "healthtrack.selector" $ | nindent 6 }}
{{- end }}
{{- end -}}

{{/* Every address but link-local ones and those of cloud metadata services; pods by name, because with some networks a range never means pods. */}}
{{- define "healthtrack.everywhere" -}}
- ipBlock:
    cidr: 0.0.0.0/0
    except: [169.254.0.0/16, 100.100.100.200/32]
- ipBlock:
    cidr: ::/0
    except: ["fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128"]
- namespaceSelector: {}
{{- end -}}

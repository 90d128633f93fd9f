package deploy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const folder = "../../deploy/helm/sensory-agent"

// given is what every installation must say.
func given(more ...string) map[string]any {
	text := "livekit: {url: ws://livekit:7880, existingSecret: livekit}\nlisten: {existingSecret: listen}\n" + strings.Join(more, "\n")
	var out map[string]any
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		panic(err) // a mistake in this file
	}
	return out
}

func load(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// render returns the manifests by the base name of their template.
func render(t *testing.T, values map[string]any) (map[string]string, error) {
	t.Helper()
	c := load(t)
	with, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "lobby", Namespace: "voice"}, nil)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(c, with)
	out := map[string]string{}
	for name, text := range files {
		out[filepath.Base(name)] = text
	}
	return out, err
}

func TestChartIsLinted(t *testing.T) {
	l := lint.All(folder, given(), "voice", true)
	for _, m := range l.Messages {
		if m.Severity > support.InfoSev {
			t.Error(m)
		}
	}
}

// TestManifestsAreOfTheirTypes decodes every manifest into the type of Kubernetes, in which a field
// that does not exist is a mistake.
func TestManifestsAreOfTheirTypes(t *testing.T) {
	files, err := render(t, given("replicas: 3", "gpu: {nvidia.com/gpu: 1}", "models: {existingClaim: models}"))
	if err != nil {
		t.Fatal(err)
	}
	var d appsv1.Deployment
	var budget policyv1.PodDisruptionBudget
	var service corev1.Service
	var file corev1.ConfigMap
	for name, into := range map[string]any{"deployment.yaml": &d, "disruption.yaml": &budget, "service.yaml": &service, "config.yaml": &file} {
		if err := yaml.UnmarshalStrict([]byte(files[name]), into); err != nil {
			t.Errorf("%s: %v\n%s", name, err, files[name])
		}
	}
	pod := d.Spec.Template.Spec
	if *d.Spec.Replicas != 3 || len(pod.Containers) != 1 || len(pod.InitContainers) != 1 {
		t.Fatalf("%+v", d.Spec)
	}
	agent := pod.Containers[0]
	if n := agent.Resources.Limits["nvidia.com/gpu"]; n.Value() != 1 || agent.Resources.Limits.Memory().Value() != 4<<30 {
		t.Errorf("limits %v", agent.Resources.Limits)
	}
	for _, c := range append(pod.InitContainers, agent) {
		s := c.SecurityContext
		if s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || len(s.Capabilities.Drop) != 1 {
			t.Errorf("%s: %+v", c.Name, s)
		}
	}
	if agent.ReadinessProbe.HTTPGet.Path != "/readyz" || agent.LivenessProbe.HTTPGet.Path != "/healthz" {
		t.Errorf("probes %+v", agent)
	}
	// What a container mounts is there, and its secret is no environment variable.
	for _, m := range agent.VolumeMounts {
		if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name }) {
			t.Errorf("%s is mounted and is no volume", m.Name)
		}
	}
	for _, e := range agent.Env {
		if strings.Contains(e.Name, "SECRET") || e.ValueFrom != nil && strings.Contains(e.ValueFrom.SecretKeyRef.Key, "SECRET") {
			t.Errorf("%s is in the environment", e.Name)
		}
	}
	if service.Spec.Ports[0].Port != 8081 || budget.Spec.MaxUnavailable.IntValue() != 1 {
		t.Errorf("service %+v, budget %+v", service.Spec, budget.Spec)
	}
	for k, v := range service.Spec.Selector {
		if d.Spec.Template.Labels[k] != v {
			t.Errorf("the service selects %s=%s, pods have %v", k, v, d.Spec.Template.Labels)
		}
	}
}

// TestTheProgramTakesWhatTheChartSays: the flags exist, and the configuration is one by its schema.
func TestTheProgramTakesWhatTheChartSays(t *testing.T) {
	files, err := render(t, given())
	if err != nil {
		t.Fatal(err)
	}
	var d appsv1.Deployment
	var file corev1.ConfigMap
	for name, into := range map[string]any{"deployment.yaml": &d, "config.yaml": &file} {
		if err := yaml.UnmarshalStrict([]byte(files[name]), into); err != nil {
			t.Fatal(err)
		}
	}
	help, err := exec.CommandContext(t.Context(), "../../bin/sensory-agent", "serve", "--help").Output()
	if err != nil {
		t.Fatalf("make build first: %v", err)
	}
	for _, arg := range d.Spec.Template.Spec.Containers[0].Args[1:] {
		flag, _, _ := strings.Cut(arg, "=")
		if !strings.Contains(string(help), flag+" ") {
			t.Errorf("serve knows no %s", flag)
		}
	}
	path := filepath.Join(t.TempDir(), "personas.yaml")
	if err := os.WriteFile(path, []byte(file.Data["personas.yaml"]), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "../../bin/sensory-agent", "config", "show", "--json", "--config", path).CombinedOutput()
	var shown struct{ File string }
	if err != nil || json.Unmarshal(out, &shown) != nil || shown.File != path {
		t.Errorf("%v: %s\n%s", err, out, file.Data["personas.yaml"])
	}
}

// TestPersonasOfOnesOwn are where the values send them, and by dispatch where those say nothing:
// the program takes the file, nobody of the chart's own is in it, the notes name whom to dispatch.
func TestPersonasOfOnesOwn(t *testing.T) {
	program, err := filepath.Abs("../../bin/sensory-agent")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		values string
		says   string // of the configuration
		notes  []string
	}{
		"as it is":    {"", "personas: [iris]", []string{"greeter"}},
		"personas":    {"config: {personas: [{name: ada, profile: embedded}, {name: max, profile: embedded}]}", "personas: [ada, max]", []string{"greeter"}},
		"rooms":       {"config: {personas: [{name: ada, profile: embedded}], rooms: [{name: lobby, personas: [ada]}]}", "", nil},
		"no worker":   {"config: {personas: [{name: ada, profile: embedded}], rooms: [{name: lobby, personas: [ada]}], worker: null}", "", nil},
		"null":        {"config: {personas: [{name: ada, profile: embedded}], worker: null}", "personas: [ada]", []string{"greeter"}},
		"agents":      {"config: {personas: [{name: ada, profile: embedded}], worker: {agents: [{name: hall, personas: [ada]}]}}", "personas: [ada]", []string{"hall"}},
		"both":        {"config: {personas: [{name: ada, profile: embedded}], rooms: [{name: lobby, personas: [ada]}], worker: {agents: [{name: hall, personas: [ada]}]}}", "personas: [ada]", []string{"hall"}},
		"a worker":    {"config: {personas: [{name: ada, profile: embedded}], worker: {seats: 4}}", "personas: [ada]", []string{"greeter"}},
		"lost is 40s": {"config: {worker: {lost: 40s}}", "personas: [iris]", []string{"greeter"}},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := render(t, given(c.values))
			if err != nil {
				t.Fatal(err)
			}
			var file corev1.ConfigMap
			if err := yaml.UnmarshalStrict([]byte(files["config.yaml"]), &file); err != nil {
				t.Fatalf("%v\n%s", err, files["config.yaml"])
			}
			text := file.Data["personas.yaml"]
			var config struct {
				Worker *struct {
					Agents []struct{ Personas []string }
					Lost   string
				}
			}
			if err := yaml.Unmarshal([]byte(text), &config); err != nil {
				t.Fatal(err)
			}
			switch {
			case c.says == "" && config.Worker != nil:
				t.Errorf("a worker that nobody asked for:\n%s", text)
			case c.says == "":
			case config.Worker == nil || len(config.Worker.Agents) != 1 || "personas: ["+strings.Join(config.Worker.Agents[0].Personas, ", ")+"]" != c.says:
				t.Errorf("want %s\n%s", c.says, text)
			case config.Worker.Lost != "20s" && !strings.HasSuffix(name, config.Worker.Lost) || config.Worker.Lost == "":
				t.Errorf("lost is %q", config.Worker.Lost)
			}
			if strings.Contains(c.values, "ada") && strings.Contains(text, "iris") {
				t.Errorf("the chart's own persona is there:\n%s", text)
			}
			var dispatched []string
			for line := range strings.Lines(files["NOTES.txt"]) {
				if _, agent, is := strings.Cut(strings.TrimSpace(line), "--agent-name "); is {
					dispatched = append(dispatched, agent)
				}
			}
			if !slices.Equal(dispatched, c.notes) {
				t.Errorf("to be dispatched: %q, want %q", dispatched, c.notes)
			}
			path := filepath.Join(t.TempDir(), "personas.yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), program, "config", "show", "--json", "--config", path).CombinedOutput(); err != nil {
				t.Errorf("the program does not take it (%v): %s\n%s", err, out, text)
			}
		})
	}
}

// TestChartRefuses says what must be given and what cannot be.
func TestChartRefuses(t *testing.T) {
	for _, c := range []struct {
		values map[string]any
		says   string
	}{
		{map[string]any{}, "url"},
		{given("livekit: {url: livekit:7880, existingSecret: a}"), "url"},
		{given("listen: {existingSecret: \"\"}"), "existingSecret"},
		{given("listen: {existingSecret: a, port: 80}"), "port"},
		{given("config: {personas: []}"), "personas"},
		{given("replica: 2"), "replica"},
		{given("replicas: 2", "config: {personas: [{name: a}], rooms: [{name: lobby, personas: [a]}]}"), "one replica"},
	} {
		if _, err := render(t, c.values); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v", c.values, err)
		}
	}
}

// TestUnit has systemd read the unit, with a program in the place of ours that is there.
func TestUnit(t *testing.T) {
	text, err := os.ReadFile("../../deploy/systemd/sensory-agent.service")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sensory-agent.service")
	with := strings.ReplaceAll(string(text), "/usr/local/bin/sensory-agent", "/bin/true")
	if err := os.WriteFile(path, []byte(with), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", path).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	out, err = exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=yes", "--threshold=25", path).CombinedOutput()
	if err != nil {
		t.Errorf("it may do more than it needs (%v): %s", err, out[max(0, len(out)-400):])
	}
	help, err := exec.CommandContext(t.Context(), "../../bin/sensory-agent", "serve", "--help").Output()
	if err != nil {
		t.Fatalf("make build first: %v", err)
	}
	_, command, _ := strings.Cut(string(text), "ExecStart=")
	command, _, _ = strings.Cut(command, "ExecReload")
	for _, word := range strings.Fields(command) {
		if strings.HasPrefix(word, "--") && !strings.Contains(string(help), word+" ") {
			t.Error(fmt.Errorf("serve knows no %s", word))
		}
	}
}

// TestEnvironmentOfTheChart: what is given more reaches the program and what fetches its models.
func TestEnvironmentOfTheChart(t *testing.T) {
	files, err := render(t, given("env: [{name: HTTPS_PROXY, value: 'http://proxy:3128'}]"))
	if err != nil {
		t.Fatal(err)
	}
	var d appsv1.Deployment
	if err := yaml.UnmarshalStrict([]byte(files["deployment.yaml"]), &d); err != nil {
		t.Fatalf("%v\n%s", err, files["deployment.yaml"])
	}
	spec := d.Spec.Template.Spec
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		if !slices.Contains(c.Env, corev1.EnvVar{Name: "HTTPS_PROXY", Value: "http://proxy:3128"}) {
			t.Errorf("%s: %+v", c.Name, c.Env)
		}
	}
}

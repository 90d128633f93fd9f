package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const unit = "../../deploy/systemd/sensory-agent.service"

// TestNotesSayWhereNothingIsKept: wherever the place of the store is said, they do not.
func TestNotesSayWhereNothingIsKept(t *testing.T) {
	for values, none := range map[string]bool{
		"": true, "config: {store: {keep: 24h}}": true, "config: {store: {path: /data/said.db}}": false, "config: {store: {address_file: /run/a}}": false,
		"env: [{name: SENSORY_AGENT_STORE, value: /data/said.db}]": false, "env: [{name: OTHER, value: x}]": true, "store: {existingSecret: database}": false,
	} {
		files, err := render(t, given(values))
		if err != nil {
			t.Fatalf("%s: %v", values, err)
		}
		if says := strings.Contains(files["NOTES.txt"], "Nothing of what is said is kept"); says != none {
			t.Errorf("%s: %s", values, files["NOTES.txt"])
		}
	}
}

// TestChartKeepsInPostgreSQL: a secret that is there is a file in the pod, which the program is
// told of; the address is in no variable. Without it there is neither.
func TestChartKeepsInPostgreSQL(t *testing.T) {
	kept := given("store: {existingSecret: database, key: url}")
	for _, m := range lint.All(folder, kept, "voice", true).Messages {
		if m.Severity > support.InfoSev {
			t.Error(m)
		}
	}
	pods := map[string]corev1.PodSpec{}
	for name, values := range map[string]map[string]any{"kept": kept, "not kept": given()} {
		files, err := render(t, values)
		if err != nil {
			t.Fatal(err)
		}
		var d appsv1.Deployment
		if err := yaml.UnmarshalStrict([]byte(files["deployment.yaml"]), &d); err != nil {
			t.Fatalf("%v\n%s", err, files["deployment.yaml"])
		}
		pods[name] = d.Spec.Template.Spec
		if says := strings.Contains(files["NOTES.txt"], "secret database"); says != (name == "kept") {
			t.Errorf("%s: %s", name, files["NOTES.txt"])
		}
	}
	const arg = "--store-address-file=/run/store/address"
	is := func(v corev1.Volume) bool { return v.Name == "store" }
	mounts := func(m corev1.VolumeMount) bool {
		return m.Name == "store" && m.MountPath == "/run/store" && m.ReadOnly
	}
	with, without := pods["kept"], pods["not kept"]
	agent, none := with.Containers[0], without.Containers[0]
	at := slices.IndexFunc(with.Volumes, is)
	if at < 0 || !slices.ContainsFunc(agent.VolumeMounts, mounts) || !slices.Contains(agent.Args, arg) {
		t.Fatalf("args %q, mounts %+v, volumes %+v", agent.Args, agent.VolumeMounts, with.Volumes)
	}
	secret := with.Volumes[at].Secret
	if secret == nil || secret.SecretName != "database" || len(secret.Items) != 1 || secret.Items[0].Key != "url" || secret.Items[0].Path != "address" {
		t.Errorf("%+v", with.Volumes[at])
	}
	if len(agent.Env) != len(none.Env) {
		t.Errorf("the environment has the address: %+v", agent.Env)
	}
	if slices.ContainsFunc(without.Volumes, is) || slices.ContainsFunc(none.VolumeMounts, mounts) || slices.Contains(none.Args, arg) {
		t.Errorf("without a secret: %q, %+v", none.Args, without.Volumes)
	}
	for says, values := range map[string]map[string]any{
		"leave one of them out": given("store: {existingSecret: database}", "config: {personas: [{name: a}], store: {path: /data/t.db}}"),
		"key":                   given("store: {existingSecret: database, key: a/b}"),
		"password":              given("store: {password: x}"),
	} {
		if _, err := render(t, values); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", values, err)
		}
	}
}

// startOf is the last command of a unit's text that is not empty.
func startOf(text string) string {
	text = strings.ReplaceAll(text, "\\\n", " ")
	start := ""
	for line := range strings.Lines(text) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "ExecStart="); ok && command != "" {
			start = strings.Join(strings.Fields(command), " ")
		}
	}
	return start
}

// TestUnitKeepsInPostgreSQL has systemd read the unit with what puts PostgreSQL in the place of the
// file: nothing else of the command is changed, and the address comes as a credential.
func TestUnitKeepsInPostgreSQL(t *testing.T) {
	base, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	over, err := os.ReadFile("../../deploy/systemd/postgres.conf")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(startOf(string(base)), "--store %S/sensory-agent/sensory-agent.db", "--store-address-file %d/store-address", 1)
	if got := startOf(string(over)); got != want || !strings.Contains(got, "%d/store-address") {
		t.Errorf("it starts\n%s, want\n%s", got, want)
	}
	if strings.Contains(string(over), "Environment") || !strings.Contains(string(over), "\nLoadCredential=store-address:/etc/sensory-agent/store-address\n") {
		t.Errorf("the address does not come as a credential:\n%s", over)
	}
	for name, c := range map[string]struct {
		text string
		fine bool
	}{
		"as it is":                {string(over), true},
		"a key that there is not": {strings.Replace(string(over), "LoadCredential=", "LoadCredentials=", 1), false},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, filepath.Base(unit))
		with := func(text string) []byte {
			return []byte(strings.ReplaceAll(text, "/usr/local/bin/sensory-agent", "/bin/true"))
		}
		if err := os.Mkdir(path+".d", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, with(string(base)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path+".d", "postgres.conf"), with(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", path).CombinedOutput()
		if fine := err == nil && len(out) == 0; fine != c.fine {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

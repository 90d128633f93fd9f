package telemetry_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/telemetry"
)

// TestDashboardAsksForWhatThereIs: every metric that the dashboard and the alerts name is one of
// the table, or of Prometheus' collectors, and every label that they ask for is one that it has.
func TestDashboardAsksForWhatThereIs(t *testing.T) {
	t.Parallel()
	known := map[string][]string{"sensory_seats": nil}
	for _, n := range telemetry.Names() {
		known[n.Prometheus()] = n.Labels
	}
	name := regexp.MustCompile(`\b(lk_agents|gen_ai|sensory)_[a-z0-9_]+`)
	by := regexp.MustCompile(`by \(([a-z_, ]+)\) \((?:rate\(|increase\()?((?:lk_agents|gen_ai|sensory)_[a-z0-9_]+)`)
	for _, path := range []string{"grafana/dashboard.json", "alerts.yaml", "alerts_test.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", "deploy", "monitoring", path))
		if err != nil {
			t.Fatal(err)
		}
		asked := name.FindAllString(string(data), -1)
		if len(asked) < 4 {
			t.Errorf("%s names %d metrics", path, len(asked))
		}
		for _, m := range asked {
			if _, ok := known[plain(m)]; !ok {
				t.Errorf("%s asks for %s, which nobody has", path, m)
			}
		}
		for _, m := range by.FindAllStringSubmatch(string(data), -1) {
			for _, label := range strings.Split(m[1], ", ") {
				if label != "le" && label != "instance" && !slices.Contains(known[plain(m[2])], label) {
					t.Errorf("%s asks %s for the label %s, which it has not", path, m[2], label)
				}
			}
		}
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	data, err := os.ReadFile("../deploy/monitoring/grafana/dashboard.json")
	if err != nil || json.Unmarshal(data, &dashboard) != nil || len(dashboard.Panels) < 20 {
		t.Errorf("the dashboard has %d panels: %v", len(dashboard.Panels), err)
	}
}

// TestEveryAlertIsExplainedAndTried: the documentation says what to do, and the rules' tests have
// it raised once.
func TestEveryAlertIsExplainedAndTried(t *testing.T) {
	t.Parallel()
	read := func(path string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	page, tried := read("docs/operating.md"), read("deploy/monitoring/alerts_test.yaml")
	alerts := regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(read("deploy/monitoring/alerts.yaml"), -1)
	if len(alerts) < 9 {
		t.Errorf("%d alerts", len(alerts))
	}
	for _, a := range alerts {
		if !regexp.MustCompile("(?m)^\\| `" + a[1] + "` \\| [^|]+ \\| [^|]+ \\|$").MatchString(page) {
			t.Errorf("docs/operating.md has no row that says what %s means and what to do", a[1])
		}
		if !regexp.MustCompile(`alertname: ` + a[1] + `\n +exp_alerts:\n +- exp_labels`).MatchString(tried) {
			t.Errorf("no test raises %s", a[1])
		}
	}
	if rows := strings.Count(page, "\n| `SensoryAgent"); rows != len(alerts) {
		t.Errorf("docs/operating.md explains %d alerts, there are %d", rows, len(alerts))
	}
}

// plain is the name of a metric without the suffix of a part of a histogram.
func plain(name string) string {
	for _, part := range []string{"_bucket", "_sum", "_count"} {
		if cut, ok := strings.CutSuffix(name, part); ok {
			return cut
		}
	}
	return name
}

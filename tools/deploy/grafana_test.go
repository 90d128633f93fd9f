package deploy_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// dashboardFile is what Grafana is given.
const dashboardFile = "../../deploy/monitoring/grafana/dashboard.json"

// strict reads a dashboard. A list of no mistakes, as the types return it, is no error.
func strict(d *dashboard.Dashboard, text []byte) error {
	err := d.UnmarshalJSONStrict(text)
	var wrong cog.BuildErrors
	if errors.As(err, &wrong) && len(wrong) == 0 {
		return nil
	}
	return err
}

// TestDashboardIsOfGrafanasSchema reads the dashboard with the types that Grafana generates of its
// own schema: a field that it does not know is a mistake, in panels, queries and their options too.
func TestDashboardIsOfGrafanasSchema(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	text, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard.Dashboard
	if err := strict(&d, text); err != nil {
		t.Fatal(err)
	}
	var shown struct {
		Panels []struct {
			ID      int
			GridPos struct{ X, W, H int }
		}
	}
	if err := json.Unmarshal(text, &shown); err != nil || len(shown.Panels) < 25 {
		t.Errorf("%d panels, %v", len(shown.Panels), err)
	}
	ids := map[int]bool{}
	for _, p := range shown.Panels {
		if g := p.GridPos; ids[p.ID] || g.X+g.W > 24 || g.W == 0 || g.H == 0 {
			t.Errorf("panel %d stands at %+v", p.ID, g)
		}
		ids[p.ID] = true
	}
	for name, change := range map[string]func(string) string{
		"a field that there is not": func(s string) string {
			return strings.Replace(s, `"schemaVersion"`, `"schemaVersoin": 1, "schemaVersion"`, 1)
		},
		"one of a panel": func(s string) string { return strings.Replace(s, `"gridPos"`, `"gridPso": {}, "gridPos"`, 1) },
		"one of a query": func(s string) string { return strings.Replace(s, `"expr"`, `"expression": "", "expr"`, 1) },
		"another type":   func(s string) string { return strings.Replace(s, `"displayMode": "list"`, `"displayMode": 7`, 1) },
	} {
		changed := change(string(text))
		if changed == string(text) || !json.Valid([]byte(changed)) {
			t.Fatal(name)
		}
		var d dashboard.Dashboard
		if err := strict(&d, []byte(changed)); err == nil {
			t.Errorf("%s is not noticed", name)
		}
	}
}

package compute_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/compute"
)

const smallRequest = `{"now_ms":10000,"policy":{"aging_step_ms":500,"reserve_after_ms":3000},"ready":["a"],
 "budgets":[{"silicon":"CPU","slots":2,"units":10,"bytes":1000},{"silicon":"CLOUD","provider":"hosted","slots":1,"units":1}],
 "stations":[{"name":"encoder","slots":3}],
 "held":[{"artifact":"m","silicon":"CPU","cost":{"units":1,"bytes":5},"at":["encoder"],"pinned":true}],
 "jobs":[{"id":"j","artifact":"b","class":"RENDER","silicon":"CPU","holder":"cam","priority":3,"cost":{"units":2},"at":["encoder"],"needs":["a"],
  "created_at_ms":9000,"stale_after_ms":2000,"perishable":true}]}`

// TestParseRequest reads every field.
func TestParseRequest(t *testing.T) {
	t.Parallel()
	r, err := compute.ParseRequest([]byte(smallRequest))
	if err != nil {
		t.Fatal(err)
	}
	job := r.Jobs[0]
	if r.Now.Seconds() != 10 || r.Policy.AgingStep.Milliseconds() != 500 || r.Policy.ReserveAfter.Seconds() != 3 || r.Ready[0] != "a" ||
		r.Budgets[0].Bytes != 1000 || r.Budgets[1].Provider != "hosted" || !r.Held[0].Pinned || r.Held[0].Cost.Bytes != 5 ||
		r.Stations[0] != (compute.StationBudget{Name: "encoder", Slots: 3}) || r.Held[0].At[0] != "encoder" || job.At[0] != "encoder" ||
		job.ID != "j" || job.Artifact != "b" || job.Class != compute.Render || job.Silicon != compute.SiliconCPU || job.Holder != "cam" ||
		job.Priority != 3 || job.Cost.Units != 2 || job.Needs[0] != "a" || job.Created.Seconds() != 9 || job.StaleAfter.Seconds() != 2 || !job.Perishable {
		t.Errorf("read %+v", r)
	}
}

// TestParseRequestNamesTheField damages one place at a time.
func TestParseRequestNamesTheField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, field, problem string }{
		{`"now_ms":10000,`, ``, "now_ms", "missing"},
		{`"now_ms":10000`, `"now_ms":"soon"`, "now_ms", "must be an integer, not a string"},
		{`"now_ms":10000`, `"now_ms":1.5`, "now_ms", "not an integer"},
		{`"now_ms":10000`, `"now_ms":9223372036854775807`, "now_ms", "out of range"},
		{`"now_ms":10000`, `"now_ms":10000,"now_ms":1`, "now_ms", "twice"},
		{`"ready":["a"]`, `"ready":["a",7]`, "ready[1]", "must be a string"},
		{`"ready":["a"]`, `"ready":[""]`, "ready[0]", "empty"},
		{`"ready":["a"]`, `"ready":"a"`, "ready", "must be a list"},
		{`"aging_step_ms":500`, `"aging":500`, "policy.aging", "unknown field"},
		{`"aging_step_ms":500`, `"aging_step_ms":-500`, "policy.aging_step_ms", "must be 0"},
		{`"budgets":[{"silicon":"CPU","slots":2,"units":10,"bytes":1000},{"silicon":"CLOUD","provider":"hosted","slots":1,"units":1}],`, ``, "budgets", "missing"},
		{`"silicon":"CPU","slots":2`, `"silicon":"TPU","slots":2`, "budgets[0].silicon", "unknown; known are CPU, GPU, UNIFIED_MEMORY"},
		{`"silicon":"CPU","slots":2,`, `"silicon":"CPU",`, "budgets[0].slots", "missing"},
		{`"slots":2`, `"slots":0`, "budgets[0].slots", "at least 1"},
		{`"silicon":"CLOUD","provider":"hosted"`, `"silicon":"CPU"`, "budgets[1].silicon", "already has a budget"},
		{`"provider":"hosted",`, ``, "budgets[1].provider", "per provider"},
		{`"name":"encoder",`, ``, "stations[0].name", "missing"},
		{`"slots":3`, `"slots":3,"units":1`, "stations[0].units", "unknown field"},
		{`"slots":3`, `"slots":0`, "stations[0].slots", "at least 1"},
		{`"at":["encoder"],"pinned"`, `"at":["voice"],"pinned"`, "held[0].at", "no station"},
		{`"at":["encoder"],"needs"`, `"at":"encoder","needs"`, "jobs[0].at", "must be a list"},
		{`"pinned":true`, `"pinned":1`, "held[0].pinned", "true or false"},
		{`"artifact":"m"`, `"artifact":null`, "held[0].artifact", "not null"},
		{`"cost":{"units":1,"bytes":5}`, `"cost":{"bytes":5}`, "held[0].cost.units", "missing"},
		{`"cost":{"units":2}`, `"cost":{"units":-2}`, "jobs[0].cost.units", "negative"},
		{`"cost":{"units":2}`, `"cost":2`, "jobs[0].cost", "must be an object"},
		{`"class":"RENDER"`, `"class":"PAINT"`, "jobs[0].class", `"PAINT" is unknown`},
		{`"class":"RENDER",`, ``, "jobs[0].class", "missing"},
		{`"id":"j",`, ``, "jobs[0].id", "missing"},
		{`"holder":"cam",`, ``, "jobs[0].holder", "missing"},
		{`"priority":3`, `"priority":99999999999`, "jobs[0].priority", "outside"},
		{`"perishable":true`, `"perishable":true,"colour":"red"`, "jobs[0].colour", "unknown field"},
		{`"stale_after_ms":2000,`, ``, "jobs[0].stale_after_ms", "perishable work needs one"},
		{`"stale_after_ms":2000`, `"stale_after_ms":-1`, "jobs[0].stale_after_ms", "negative"},
		{`"needs":["a"]`, `"needs":[[[[[[[[[[1]]]]]]]]]]`, "jobs[0].needs[0][0][0][0][0][0]", "deeply"},
		{`"perishable":true}]}`, `"perishable":true}]} []`, "request", "more text"},
		{`"perishable":true}]}`, `"perishable":true`, "jobs[0]", "malformed"},
		{`{"now_ms"`, `[{"now_ms"`, "request", ""},
	} {
		text := strings.Replace(smallRequest, c.old, c.new, 1)
		if text == smallRequest {
			t.Fatalf("%s is not in the request", c.old)
		}
		_, err := compute.ParseRequest([]byte(text))
		var wrong *compute.FieldError
		if !errors.As(err, &wrong) || !errors.Is(err, compute.ErrInvalid) {
			t.Errorf("%s: %v", c.new, err)
			continue
		}
		if wrong.Field != c.field || !strings.Contains(wrong.Problem, c.problem) {
			t.Errorf("%s:\n  %v\n  expected %s: … %s", c.new, err, c.field, c.problem)
		}
	}
	twice := strings.Replace(smallRequest, `"jobs":[{`, `"jobs":[{"id":"j","artifact":"x","class":"CPU","silicon":"CPU","holder":"h","cost":{"units":1},"created_at_ms":0},{`, 1)
	if _, err := compute.ParseRequest([]byte(twice)); err == nil || !strings.HasPrefix(err.Error(), "jobs[1].id: ") {
		t.Errorf("duplicate id: %v", err)
	}
}

// TestRequestSurvivesJSON writes random requests and reads them again.
func TestRequestSurvivesJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := compute.ReadRequest(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		again, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text, again) {
			t.Fatalf("%s\n%s", text, again)
		}
		first, err1 := compute.Plan(r)
		second, err2 := compute.Plan(back)
		if err1 != nil || err2 != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%v %v\n%+v\n%+v", err1, err2, first, second)
		}
	})
}

// TestExamples plans the shipped requests and compares with the outcomes beside them. With -rewrite
// it writes those.
func TestExamples(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/examples/*.json")
	if err != nil || len(paths) < 4 {
		t.Fatalf("%d examples, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			r, err := compute.ReadRequest(file)
			if err != nil {
				t.Fatal(err)
			}
			outcome, err := compute.Plan(r)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(outcome, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			wantPath := filepath.Join("testdata", "outcomes", filepath.Base(path))
			if *rewrite {
				if err := os.WriteFile(wantPath, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wantPath)
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(string(want)) != string(got) {
				t.Errorf("planned:\n%s\nexpected:\n%s", got, want)
			}
		})
	}
}

// FuzzParseRequest feeds damaged requests: an error must be typed, and what is accepted must plan,
// with a decision for each job.
func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(smallRequest))
	f.Add([]byte(`{"now_ms":0,"budgets":[],"jobs":[]}`))
	f.Add([]byte(`{"now_ms":0,"budgets":[{"silicon":"DISK","slots":1,"units":1}],"jobs":[
 {"id":"a","artifact":"a","class":"IO","silicon":"DISK","holder":"h","cost":{"units":1},"created_at_ms":0,"needs":["b"]},
 {"id":"b","artifact":"b","class":"IO","silicon":"DISK","holder":"h","cost":{"units":1},"created_at_ms":0,"needs":["a"]}]}`))
	f.Add([]byte(`[[[[[[[[[[[[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := compute.ParseRequest(data)
		if err != nil {
			var wrong *compute.FieldError
			if !errors.As(err, &wrong) || wrong.Field == "" || wrong.Problem == "" {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		outcome, err := compute.Plan(r)
		if err != nil {
			t.Fatalf("accepted by the reader, refused by the planner: %v", err)
		}
		for _, d := range outcome.Decisions {
			if strings.Contains(d.Bucket.String(), "Bucket") {
				t.Fatalf("%s has no bucket", d.ID)
			}
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := compute.ParseRequest(text); err != nil {
			t.Fatalf("cannot read again what was written: %v", err)
		}
	})
}

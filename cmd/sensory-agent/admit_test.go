package main

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// admit runs the command over a request.
func admit(t *testing.T, request []byte, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRootCommand(&rootFlags{})
	root.SetIn(bytes.NewReader(request))
	root.SetArgs(append([]string{"admit"}, args...))
	root.SetOut(&stdout)
	err := root.ExecuteContext(t.Context())
	code, line := verdict(t.Context(), err)
	stderr.WriteString(line)
	return code, stdout.String(), stderr.String()
}

func example(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../compute/testdata/examples/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAdmitSaysWhatBecomesOfEachJob of the examples that the help names, line by line.
func TestAdmitSaysWhatBecomesOfEachJob(t *testing.T) {
	for name, want := range map[string][]string{
		"frame-missing": {
			"texture              missing_dependency waits for webrtc.frame_decoded/cam/7",
			"reply-bob            admitted           rank 1",
			"GPU                  0 of 4 slots, 0 of 100 units, 0.0 of 21474.8 MB",
			"CLOUD/hosted         1 of 4 slots, 1 of 4 units, bytes not bounded",
		},
		"frame-ready": {
			"texture              admitted           rank 2",
			"features             missing_dependency waits for vision.texture/cam/7",
		},
		"busy-gpu": {
			"large                pressure           needs 80 units, 10 of 100 free",
			"small-old            pressure           behind large",
			"urgent               admitted           rank 1",
		},
		"busy-encoder": {
			"features             pressure           needs a slot of vision.encoder, 0 of 1 free",
			"vision.encoder       1 of 1 slots",
		},
		"misconfigured": {
			"no-gpu               no_budget          ",
			"chicken              cycle              with chicken, egg",
			"breakfast            dependency_lost    of egg",
		},
	} {
		code, out, errs := admit(t, example(t, name))
		if code != 0 || errs != "" {
			t.Errorf("%s: code %d, %s", name, code, errs)
		}
		lines := strings.Split(out, "\n")
		for _, line := range want {
			if !slices.Contains(lines, line) {
				t.Errorf("%s: %q is not said:\n%s", name, line, out)
			}
		}
	}
}

// TestAdmitAsJSON is the planner's outcome as it is, the same each time.
func TestAdmitAsJSON(t *testing.T) {
	request := example(t, "busy-gpu")
	code, out, errs := admit(t, request, "--json")
	var got struct {
		Admitted  []string
		Decisions []struct{ ID, Bucket string }
	}
	if err := json.Unmarshal([]byte(out), &got); code != 0 || errs != "" || err != nil {
		t.Fatalf("code %d, %s, %v", code, errs, err)
	}
	buckets := map[string]string{}
	for _, d := range got.Decisions {
		buckets[d.ID] = d.Bucket
	}
	if !slices.Equal(got.Admitted, []string{"urgent"}) || buckets["large"] != "pressure" || buckets["small-new"] != "pressure" || len(buckets) != 4 {
		t.Errorf("%+v", got)
	}
	if _, again, _ := admit(t, request, "--json"); again != out {
		t.Error("the same request gave another plan")
	}
}

// TestAdmitRefusesWhatIsNoRequest: a wrong call, with what is wrong.
func TestAdmitRefusesWhatIsNoRequest(t *testing.T) {
	for text, says := range map[string]string{
		"":                                   "EOF",
		"{":                                  "malformed JSON",
		"[]":                                 "must be an object, not a list",
		"{}":                                 "now_ms: missing",
		`{"now_ms":1,"budgets":[],"jobs":7}`: "jobs",
		`{"now_ms":1,"budgets":[],"jobs":[],"nonsense":true}`: "nonsense",
		`{"now_ms":1,"budgets":[],"jobs":[{"id":""}]}`:        "jobs[0]",
		`{"now_ms":1,"jobs":[]}{}`:                            "request",
		strings.Repeat("[", 200):                              "request",
		string(example(t, "busy-gpu")) + "x":                  "request",
		`{"now_ms":1e99,"jobs":[],"pools":0}`:                 "now_ms",
	} {
		code, out, errs := admit(t, []byte(text))
		if code != exitUsage || out != "" || !strings.Contains(errs, says) || errs == "" {
			t.Errorf("%q: code %d, %s%s", text, code, out, errs)
		}
	}
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/crowd/race"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// TestRaceMeasuresTheOwnWorker: it joins the room, is heard to answer, and what it takes is seen
// from outside; so are a dispatch, and a join without one.
func TestRaceMeasuresTheOwnWorker(t *testing.T) {
	testmodels.Runtime(t)
	testmodels.Path(t, "silero-vad", "silero_vad.onnx")
	file := filepath.Join(t.TempDir(), "race.json")
	p := startProgram(t, nil, "bench", "race", "--n", "1", "--seconds", "9", "--settle", "6s", "--dispatches", "1", "--late", "0", "--into", file)
	var out strings.Builder
	for p.lines.Scan() {
		out.WriteString(p.lines.Text() + "\n")
	}
	<-p.ended
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, p.stderr.String())
	}
	var r race.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Loads) != 1 || len(r.Dispatches) != 1 || len(r.Lates) != 0 || r.Floor == nil || r.Direct == nil {
		t.Fatalf("%s", text)
	}
	l := r.Loads[0]
	if l.Joined != 1 || l.Asked == 0 || l.Answered == 0 || l.Cores <= 0 || l.PSSMB < 20 || l.Processes != 1 || l.Latency.P50 < 550 || l.Join.P50 <= 0 {
		t.Errorf("%+v", l)
	}
	if r.Floor.MS.P50 <= 0 || r.Dispatches[0].MS.P50 <= 0 || r.Direct.MS.P50 <= 0 {
		t.Errorf("%+v %+v %+v", r.Floor, r.Dispatches, r.Direct)
	}
	if text := out.String(); !strings.Contains(text, "| 1 | sensory-agent |") || !strings.Contains(text, "direct join") {
		t.Error(text)
	}
}

// TestRacesThatCannotBeRun: before anything is started.
func TestRacesThatCannotBeRun(t *testing.T) {
	cleanEnv(t)
	for says, args := range map[string][]string{
		"--other \"node\"": {"--other", "node"},
		"0 rooms":          {"--n", "0", "--dispatches", "0"},
		"nobody races":     {"--others-only"},
		"nothing is to be": {"--n", "", "--dispatches", "0", "--late", "0"},
		"is no number of":  {"--n", "1,,4"},
	} {
		if code, _, errs := runProgram(t, append([]string{"bench", "race"}, args...)...); code != exitUsage || !strings.Contains(errs, says) {
			t.Errorf("%v: code %d, %s", args, code, errs)
		}
	}
}

// TestNoRoomsCanBeSaid: an empty number is none, and what is said replaces what would be there, and
// what is said again is added.
func TestNoRoomsCanBeSaid(t *testing.T) {
	for text, want := range map[string]string{"": "", "3": "3", "1, 4,20": "1,4,20", "-1": "-1", "1|4,20": "1,4,20", "|7": "7"} {
		c := roomCounts{list: []int{1, 4, 20}}
		for _, said := range strings.Split(text, "|") {
			if err := c.Set(said); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
		if c.String() != want || len(c.list) != strings.Count(want, ",")+min(len(want), 1) {
			t.Errorf("%q: %v", text, c)
		}
	}
}

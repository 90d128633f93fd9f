package smoke_test

import (
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/smoke"
)

// TestWhatIsHeldUpIsOfItsSeed: the same seed holds up the same, others other things, and both kinds
// come.
func TestWhatIsHeldUpIsOfItsSeed(t *testing.T) {
	kinds, expected := map[string]int{}, map[string]bool{}
	for seed := range uint64(60) {
		h := smoke.NewHeld(seed)
		kinds[h.Kind()]++
		expected[h.Expected()] = true
		if h != smoke.NewHeld(seed) {
			t.Errorf("seed %d holds up two things", seed)
		}
		if holding := h.Question() == "What am I holding?"; holding != (h.Expected() == "cat" || h.Expected() == "dog") {
			t.Errorf("seed %d: of %s is asked %q", seed, h.Expected(), h.Question())
		}
		if got := h.Facts("It is a " + h.Expected() + "."); len(got) != h.Wanted() {
			t.Errorf("seed %d: %q states %q, wanted are %d", seed, h.Expected(), got, h.Wanted())
		}
		if got := h.Facts("I can not see anything."); len(got) != 0 {
			t.Errorf("seed %d: nothing states %q", seed, got)
		}
	}
	if kinds["sign"] < 15 || kinds["photograph"] < 15 || len(expected) < 20 {
		t.Errorf("%v with %d answers in 60 seeds", kinds, len(expected))
	}
}

// TestPhotographs: each is there, in the size of a camera's picture and not empty; what is stated
// of it is found by whole words.
func TestPhotographs(t *testing.T) {
	drawn := map[string][]byte{}
	for seed := range uint64(24) {
		p := smoke.NewPhotograph(seed)
		if drawn[p.Expected()] != nil && seed > 12 {
			continue
		}
		picture, err := p.Draw()
		if err != nil || picture.Rect.Dx() != 640 || picture.Rect.Dy() != 480 {
			t.Fatalf("%s: %v, %v", p.Expected(), picture, err)
		}
		reds := map[byte]bool{}
		for i := 0; i < len(picture.Pix); i += 4 {
			reds[picture.Pix[i]] = true
		}
		if len(reds) < 50 {
			t.Errorf("%s shows nothing", p.Expected())
		}
		if have := drawn[p.Expected()]; have != nil && slices.Equal(have, picture.Pix) {
			t.Errorf("two seeds draw %s alike", p.Expected())
		}
		drawn[p.Expected()] = picture.Pix
	}
	if len(drawn) != 3 {
		t.Errorf("%d photographs", len(drawn))
	}
	for text, want := range map[string]int{
		"I see a Cat.": 1, "It shows two cats": 1, "a caterpillar": 0, "concatenate": 0, "": 0, "a dog": 0,
	} {
		if got := (smoke.Photograph{}).Facts(text); len(got) != want {
			t.Errorf("%q states %q of a cat", text, got)
		}
	}
}

// TestOneFactIsEnoughForAPhotograph: what is wanted is what there is to state, with a picture and
// without.
func TestOneFactIsEnoughForAPhotograph(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := smoke.Observation{
		Spoke: now, FirstAudio: now.Add(time.Second), Transcribed: now.Add(2 * time.Second), Speech: time.Second,
		Facts: []string{"thing [cat]"}, Wanted: 1, Controlled: true, ControlTranscribed: now.Add(9 * time.Second),
	}
	if got, why := smoke.Judge(o, smoke.DefaultBudgets()); got != smoke.Passed {
		t.Errorf("%q: %s", got, why)
	}
	o.ControlFacts = o.Facts
	if got, why := smoke.Judge(o, smoke.DefaultBudgets()); got != smoke.HarnessError {
		t.Errorf("told without a picture: %q, %s", got, why)
	}
	o.Facts = nil
	if got, why := smoke.Judge(o, smoke.DefaultBudgets()); got != smoke.VisionBlind {
		t.Errorf("nothing stated: %q, %s", got, why)
	}
}

// TestTheControlOfWhatIsHeldUpIsAloneInItsRoom: a picture is written and shown, and then another
// persona is asked without one, in a room that the first one is not in.
func TestTheControlOfWhatIsHeldUpIsAloneInItsRoom(t *testing.T) {
	const seed = 7
	held, dir := smoke.NewHeld(seed), filepath.Join(t.TempDir(), "kept")
	s := good(t, seed)
	s.Human[8] = said(6, `"event":"transcript","who":"persona-under-test","text":"It is a `+held.Expected()+`.","final":true`)
	assisted := func(c *smoke.Config) { c.Profile, c.Seed, c.Artifacts = smoke.AssistedProfile, seed, dir }
	record, calls := pretend(t, s, assisted)
	if !record.Passed || record.Kind != held.Kind() || record.Question != held.Question() || len(record.Facts) != held.Wanted() ||
		record.Control == nil || record.Control.Transcript != "I see nothing." {
		t.Fatalf("%s: %+v", record.Reason, record)
	}
	shown := option(calls["bot"][0], "--show")
	file, err := os.Open(shown)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil || picture.Bounds().Dx() != 640 || picture.Bounds().Dy() != 480 || filepath.Dir(shown) != dir {
		t.Errorf("%s: %v, %v", shown, picture, err)
	}
	if asked := option(calls["control"][0], "--show") + option(calls["control"][0], "--scene"); asked != "" || option(calls["bot"][0], "--scene") != "" {
		t.Errorf("the control is shown %q, the human %q", asked, calls["bot"][0].Args)
	}
	rooms := []string{option(calls["bot"][0], "--room"), option(calls["control"][0], "--room")}
	var joined []string
	for _, c := range calls["join"] {
		room := option(c, "--room")
		joined = append(joined, room)
		grants(t, "join", strings.TrimPrefix(c.Env[slices.IndexFunc(c.Env, isToken)], "LIVEKIT_TOKEN="), c.Args)
	}
	slices.Sort(joined)
	if !slices.Equal(joined, rooms) || rooms[0] == rooms[1] {
		t.Errorf("personas join %q, humans ask in %q", joined, rooms)
	}

	s.Alone = true
	record, calls = pretend(t, s, assisted)
	if record.Bucket != smoke.PersonaFailedToJoin || !strings.Contains(record.Reason, "the room is closed") || len(calls["control"]) != 0 {
		t.Errorf("without a persona for the control: %q, %s", record.Bucket, record.Reason)
	}
}

func isToken(v string) bool { return strings.HasPrefix(v, "LIVEKIT_TOKEN=") }

// option is what stands behind an argument of a call, nothing where it is not there.
func option(c call, name string) string {
	if i := slices.Index(c.Args, name); i >= 0 && i+1 < len(c.Args) {
		return c.Args[i+1]
	}
	return ""
}

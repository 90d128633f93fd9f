package script_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
)

const conversation = `# Ada asks.
0.00 seated iris
  → standing iris ready
  → state iris listening

1.00 typed ada "What is a fern?"
  → keep ada turn=1
  → plan 1 iris/1 print=5ec6bed3820c9a6d9d8e13ad
  → start 1/iris for ada "What is a fern?" typed
  → state iris thinking
1.50 done 1/iris spoken text="A plant."
  → write 1/iris "A plant."
  → said 1/iris "A plant."
  → over 1
  → state iris listening
`

func TestReplayTellsWhatIsDifferent(t *testing.T) {
	got, err := script.Replay(strings.NewReader(conversation))
	if err != nil || len(got.Diffs) != 0 || got.Events != 3 || got.Effects != 10 || got.Stats.Answered != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	changed := strings.Replace(strings.Replace(conversation, "  → state iris thinking\n", "", 1), "A plant.\"\n  → over", "A plant\"\n  →   over", 1)
	if got, err = script.Replay(strings.NewReader(changed)); err != nil {
		t.Fatal(err)
	}
	want := []script.Diff{
		{
			Line: 6, Event: `1.00 typed ada "What is a fern?"`,
			Got:  []string{"keep ada turn=1", "plan 1 iris/1 print=5ec6bed3820c9a6d9d8e13ad", `start 1/iris for ada "What is a fern?" typed`, "state iris thinking"},
			Want: []string{"keep ada turn=1", "plan 1 iris/1 print=5ec6bed3820c9a6d9d8e13ad", `start 1/iris for ada "What is a fern?" typed`},
		},
		{
			Line: 10, Event: `1.50 done 1/iris spoken text="A plant."`,
			Got:  []string{`write 1/iris "A plant."`, `said 1/iris "A plant."`, "over 1", "state iris listening"},
			Want: []string{`write 1/iris "A plant."`, `said 1/iris "A plant"`, "over 1", "state iris listening"},
		},
	}
	if diff := cmp.Diff(want, got.Diffs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var out bytes.Buffer
	if err := script.Rewrite(&out, strings.NewReader(changed)); err != nil || out.String() != conversation {
		t.Errorf("rewritten, %v:\n%s", err, out.String())
	}
}

// TestRecordedConversationIsReplayed records what a table does under another policy.
func TestRecordedConversationIsReplayed(t *testing.T) {
	p := turn.Default()
	p.Mode, p.Looking.Screen = turn.ModeAll, []string{"desk top", "screen"}
	table, err := turn.New(p)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r, err := script.NewRecorder(&out, p)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Duration(0)
	for _, e := range []turn.Event{
		turn.Seated{Seat: "iris", Aliases: []string{"eye rice"}},
		turn.Seated{Seat: "max"},
		turn.Typed{Who: "ada\n", Text: "Hello,\tall → of you!"},
		turn.Ready{Reply: turn.Reply{Turn: 1, Seat: "iris"}},
		turn.Audible{Reply: turn.Reply{Turn: 1, Seat: "iris"}, Text: "Hello."},
		turn.Connection{Seat: "iris"},
		turn.Unheard{Reply: turn.Reply{Turn: 1, Seat: "iris"}},
		turn.Closing{},
	} {
		at += 333*time.Millisecond + 7
		if err := r.Record(at, e, table.Step(at, e)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := script.Replay(bytes.NewReader(out.Bytes()))
	if err != nil || len(got.Diffs) != 0 || got.Events != 9 || got.Effects < 15 {
		t.Errorf("%+v, %v of\n%s", got, err, out.String())
	}
	if !strings.HasPrefix(out.String(), "0.00 policy mode=all duck=0 away.asked=true floor.silent=10s away.after=10s looking.screen=\"desk top,screen\"\n0.333000007 seated iris alias=\"eye rice\"\n") {
		t.Errorf("%s", out.String())
	}
}

type full struct{ after int }

var errFull = errors.New("the disk is full")

func (f *full) Write(p []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestRecorderReportsAFullDisk(t *testing.T) {
	if _, err := script.NewRecorder(&full{0}, turn.Default()); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
	r, err := script.NewRecorder(&full{1}, turn.Default())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Record(0, turn.Tick{}, nil); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
	if err := script.Rewrite(&full{0}, strings.NewReader(conversation)); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

func TestReaderThatFails(t *testing.T) {
	torn := errors.New("the wire is torn")
	reader := func() io.Reader { return io.MultiReader(strings.NewReader(conversation), iotest.ErrReader(torn)) }
	if _, err := script.Replay(reader()); !errors.Is(err, torn) {
		t.Errorf("replayed: %v", err)
	}
	if err := script.Rewrite(io.Discard, reader()); !errors.Is(err, torn) {
		t.Errorf("rewritten: %v", err)
	}
}

func TestEventThatIsNone(t *testing.T) {
	if text, err := script.FormatEvent(0, nil); !errors.Is(err, script.ErrScript) || text != "" {
		t.Errorf("%q, %v", text, err)
	}
	var out bytes.Buffer
	r, err := script.NewRecorder(&out, turn.Default())
	if err != nil {
		t.Fatal(err)
	}
	before := out.Len()
	if err := r.Record(0, nil, nil); !errors.Is(err, script.ErrScript) || out.Len() != before {
		t.Errorf("%v, %q", err, out.String())
	}
}

func TestWhatStandsWithoutQuotes(t *testing.T) {
	for text, want := range map[string]string{
		"azAZ09_-./:#+@": "azAZ09_-./:#+@", "a[": `"a["`, "a`": "\"a`\"", "{": `"{"`, "/": "/", ";": `";"`, "": `""`, "ä": `"ä"`, "a b": `"a b"`, "a=b": `"a=b"`,
	} {
		if got, err := script.FormatEvent(0, turn.PersonLeft{Who: text}); err != nil || got != "0.00 left "+want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestEveryEffectHasAForm(t *testing.T) {
	r := turn.Reply{Turn: 3, Seat: "iris"}
	for want, e := range map[string]turn.Effect{
		`start 3/iris for ada "a b" look=cam dark soon=new wait=1s typed`: turn.Start{
			Reply: r, Who: "ada", Text: "a b", Look: "cam", Dark: true, Soon: "new", Wait: time.Second, Typed: true,
		},
		"plan 91 iris/10 far:max/12 source=cam/41 print=0f": turn.Planned{
			Turn: 91, Replies: []turn.Placed{{Seat: "iris", Wave: 10}, {Seat: "max", Lane: "far", Wave: 12}}, Source: "cam/41", Fingerprint: "0f",
		},
		"cancel 3/iris#2 interrupted": turn.Cancel{Reply: turn.Reply{Turn: 3, Seat: "iris", Try: 2}, Why: turn.ReasonInterrupted},
		"floor 3/iris":                turn.GiveFloor{Reply: r},
		"gain iris 0.3":               turn.Gain{Seat: "iris", Level: 0.3},
		"gain iris 0.125":             turn.Gain{Seat: "iris", Level: 0.125},
		"flush iris":                  turn.Flush{Seat: "iris"},
		"state iris speaking":         turn.State{Seat: "iris", State: turn.Speaking},
		"standing iris not-ready missing=canPublish": turn.Standing{Seat: "iris", Missing: []turn.Right{turn.RightPublish}},
		"standing iris ready":                        turn.Standing{Seat: "iris", Ready: true},
		"publish iris on":                            turn.Publish{Seat: "iris", On: true},
		"publish iris off":                           turn.Publish{Seat: "iris"},
		"subscribe cam":                              turn.Subscribe{Track: "cam"},
		"look cam":                                   turn.Look{Track: "cam"},
		"show ada final mic=m":                       turn.Show{Who: "ada", Shape: turn.ShapeFinal, Track: "m"},
		"keep ada n=2 turn=3":                        turn.Keep{Who: "ada", Utterance: 2, Turn: 3},
		"greet 56/iris":                              turn.Greet{Turn: 56, Seat: "iris"},
		"finish 3/iris":                              turn.Finish{Reply: r},
		"start 3/iris for iris hello say":            turn.Start{Reply: r, Who: "iris", Text: "hello", Say: true},
		"round 78 after=77":                          turn.Round{Turn: 78, After: 77},
		"wakes 3/iris turn=4":                        turn.Wakes{Reply: r, Turn: 4},
		"start 3/iris for ada x round=2":             turn.Start{Reply: r, Who: "ada", Text: "x", Round: 2},
		"caption 3/iris":                             turn.Caption{Reply: r},
		"caption 3/iris final":                       turn.Caption{Reply: r, Final: true},
		`said 3/iris "A fern." cut`:                  turn.Said{Reply: r, Text: "A fern.", Cut: true},
		`write 3/iris "A fern."`:                     turn.Write{Reply: r, Text: "A fern."},
		"silence 34/iris muted":                      turn.Silence{Turn: 34, Seat: "iris", Why: turn.ReasonMuted},
		"skip ada agent":                             turn.Skip{Who: "ada", Why: turn.ReasonAgent},
		"over 12":                                    turn.Over{Turn: 12},
		"wake 61.25":                                 turn.WakeAt{At: 61250 * time.Millisecond},
		"wake never":                                 turn.WakeAt{},
	} {
		if got := script.FormatEffect(e); got != want {
			t.Errorf("%T: %s, want %s", e, got, want)
		}
	}
}

// FuzzReplay replays whatever it is given. What was rewritten once is rewritten to the same, and
// replayed without a difference.
func FuzzReplay(f *testing.F) {
	f.Add([]byte(conversation))
	f.Add([]byte("0.00 policy mode=all\n0.00 seated a\n0.00 seated b\n1.00 asked ada \"a, b\" to=a\n  → x\n2.00 ready 1/a\n3.00 tick"))
	f.Add([]byte("1.00 heard ada \"\\xff\" n=1 from=0.50 fast=x mic=y"))
	f.Fuzz(func(t *testing.T, text []byte) {
		result, err := script.Replay(bytes.NewReader(text))
		var first, second bytes.Buffer
		if again := script.Rewrite(&first, bytes.NewReader(text)); (err == nil) != (again == nil) {
			t.Fatalf("replayed: %v, rewritten: %v", err, again)
		}
		if err != nil {
			return
		}
		if err := script.Rewrite(&second, bytes.NewReader(first.Bytes())); err != nil || first.String() != second.String() {
			t.Fatalf("%v\n%s\n%s", err, first.String(), second.String())
		}
		after, err := script.Replay(&first)
		if err != nil || len(after.Diffs) != 0 || after.Events != result.Events || after.Effects != result.Effects {
			t.Fatalf("%+v, %v", after, err)
		}
	})
}

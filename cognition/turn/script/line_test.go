package script_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
)

// events has one event of each kind.
func events() []turn.Event {
	p := turn.Default()
	return []turn.Event{
		turn.PersonJoined{},
		turn.PersonLeft{},
		turn.Seated{},
		turn.Unseated{},
		turn.SeatMuted{},
		turn.Connection{},
		turn.Rights{},
		turn.VoicePublished{},
		turn.Offered{},
		turn.Opened{},
		turn.Shown{},
		turn.Hidden{},
		turn.Voiced{},
		turn.Interim{},
		turn.Paused{},
		turn.Resumed{},
		turn.Likely{},
		turn.Ended{},
		turn.Heard{},
		turn.Unclear{},
		turn.Typed{},
		turn.Asked{},
		turn.OtherAgentSpeaks{},
		turn.Reconfigured{Policy: p},
		turn.Leaving{},
		turn.Closing{},
		turn.Tick{},
		turn.Ready{},
		turn.Thought{},
		turn.Audible{},
		turn.Sounded{},
		turn.Unheard{},
		turn.Done{},
	}
}

// TestAScriptBeginsAsItAlwaysDid: nothing that scripts leave out has changed, or old recordings
// would mean something else.
func TestAScriptBeginsAsItAlwaysDid(t *testing.T) {
	want := turn.Policy{
		Mode: turn.ModeAuto, Context: turn.Sequential, Vouched: turn.VouchedTokens, Invitation: 20 * time.Second, Duck: 0.3,
		Responders: turn.Responders{Group: 4}, FollowUp: 8 * time.Second, LaneCap: 4,
		Hops: 1, TurnsSoft: 8, TurnsHard: 20, PairTurns: 3, PairWindow: 5 * time.Minute,
		Waiting:     turn.Waiting{Places: 8, Limit: time.Minute, Passes: 2},
		Looking:     turn.Looking{Subscribe: 2 * time.Second, Dark: 5 * time.Second, Screen: []string{"screen"}},
		Endpointing: turn.Endpointing{Max: 3 * time.Second, Adapt: true},
		Floor: turn.Floor{
			Gap: 250 * time.Millisecond, Spread: 200 * time.Millisecond, HeadWait: 800 * time.Millisecond,
			GrantExpires: 1500 * time.Millisecond, HoldMax: time.Minute, Stale: 12 * time.Second,
			Duck: 96 * time.Millisecond, Stop: 500 * time.Millisecond, FalseInterruption: 2 * time.Second,
		},
	}
	if diff := cmp.Diff(want, script.Begin()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

var texts = rapid.OneOf(
	rapid.SampledFrom([]string{"", "ada", "what is this?", "a b", "on", "x=1", `"`, "→", "#", "\xff\n", "agent", "from=1.00", "mic", " ", "1.00"}),
	rapid.String(),
)

// fill gives every field of an event some value.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts.Draw(t, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "flag"))
	case reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "time"))
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(0, 1000).Draw(t, "number")))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "number"))
	case reflect.Float32:
		v.SetFloat(float64(rapid.Float32Range(-9, 9).Draw(t, "float")))
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "length")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("a field of kind %v", v.Kind())
	}
}

func words(t *rapid.T) []string {
	return rapid.SliceOfN(rapid.StringMatching("[a-zä ]{1,5}"), 0, 3).Draw(t, "screen")
}

// TestEventsAreReadAsTheyWereWritten holds for every field of every event.
func TestEventsAreReadAsTheyWereWritten(t *testing.T) {
	for _, kind := range events() {
		t.Run(reflect.TypeOf(kind).Name(), rapid.MakeCheck(func(t *rapid.T) {
			v := reflect.New(reflect.TypeOf(kind)).Elem()
			fill(t, v)
			switch e := v.Interface().(type) {
			case turn.Reconfigured:
				e.Policy.Looking.Screen = words(t)
				v.Set(reflect.ValueOf(e))
			case turn.Seated:
				v.Set(reflect.ValueOf(e))
			}
			want, at := v.Interface().(turn.Event), time.Duration(rapid.Int64().Draw(t, "at"))
			line, err := script.FormatEvent(at, want)
			if err != nil || strings.ContainsAny(line, "\n\r") {
				t.Fatalf("%q, %v", line, err)
			}
			when, got, err := script.ParseEvent(line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || when != at {
				t.Fatalf("%s: at %v, want %v (-want +got):\n%s", line, when, at, diff)
			}
		}))
	}
}

func TestLinesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"1.00":                            "a time and an event are expected",
		"1 typed ada hello":               "a time is seconds",
		"1.0 typed ada hello":             "a time is seconds",
		"x.00 typed ada hello":            "no time",
		"1.00 sang ada":                   `"sang": no event is called so`,
		"1.00 typed ada":                  "typed: a word is missing",
		"1.00 typed ada hello there":      `"there" is not expected`,
		"1.00 typed ada hello to=iris":    `"to=iris" is not expected`,
		"1.00 typed ada who?":             `"who?": needs quotes`,
		`1.00 typed ada "who`:             "a quote is not closed",
		`1.00 typed ada "who"?`:           "a space is missing",
		"1.00 voiced ada soon":            `"soon": time: invalid duration`,
		"1.00 ready iris":                 "no reply: write it as 3/iris",
		"1.00 ended ada n=x":              `"x": strconv.ParseUint`,
		"1.00 heard ada a from=1":         `a time is seconds`,
		"1.00 policy mode=auto floor=now": `"floor=now" is not expected`,
		"1.00 policy capacity=many":       `capacity="many"`,
		"time=1.00 typed ada hello":       "a time and an event are expected",
		"1.00 e=typed ada hello":          "a time and an event are expected",
	} {
		for _, before := range []string{"", "# hello\n\n0.00 seated iris\n"} {
			_, err := script.Replay(strings.NewReader(before + "  " + text + "\n"))
			var where *script.LineError
			if !errors.As(err, &where) || !errors.Is(err, script.ErrScript) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", text, err, want)
			} else if line := strings.Count(before, "\n") + 1; where.Line != line {
				t.Errorf("%s: line %d, want %d", text, where.Line, line)
			}
		}
	}
	if _, err := script.Replay(strings.NewReader("  → state iris listening\n")); err == nil || !strings.Contains(err.Error(), "without an event") {
		t.Errorf("an effect at the beginning: %v", err)
	}
	if _, err := script.Replay(strings.NewReader("0.00 typed ada " + strings.Repeat("x", 1<<20))); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a long line: %v", err)
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.00", time.Second: "1.00", 1500 * time.Millisecond: "1.50", 1234567 * time.Microsecond: "1.234567", 1: "0.000000001",
		-1500 * time.Millisecond: "-1.50", time.Hour: "3600.00", 10 * time.Millisecond: "0.01", 100 * time.Nanosecond: "0.0000001",
	} {
		if got := script.Seconds(d); got != want {
			t.Errorf("%d ns: %s, want %s", d, got, want)
		}
	}
}

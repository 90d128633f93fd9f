package crowd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shell is a process in the place of the humans.
func shell(t *testing.T, script string) *child {
	t.Helper()
	p, err := start([]string{"/bin/sh", "-c", script}, io.Discard, HumansConfig{Rooms: 3, Prefix: "x-"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestHumansAreToldAndEnd: they get their configuration, are waited for, and end when nobody tells
// them anything any more.
func TestHumansAreToldAndEnd(t *testing.T) {
	p := shell(t, `read cfg; echo "no JSON"; echo '{"event":"ready"}'; read word; echo '{"event":"'$word'ped","text":"'$(echo $cfg | tr -d '"{}')'"}'; cat`)
	if err := p.await(t.Context(), humansReady); err != nil {
		t.Fatal(err)
	}
	if err := p.finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := p.noticed()
	if len(got) != 2 || !strings.Contains(got[1].Text, "prefix:x-,rooms:3") {
		t.Errorf("they reported %+v", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.await(ended, "never"); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
	if err := errors.Join(p.end(), p.end()); err != nil {
		t.Error(err)
	}
	if state := p.cmd.ProcessState; state == nil || !state.Success() {
		t.Errorf("ended as %v", state)
	}
}

// TestHumansThatFailAreAnError: whoever waits for them hears of it at once, and so does who ends
// them.
func TestHumansThatFailAreAnError(t *testing.T) {
	p := shell(t, "read cfg; exit 3")
	if err := p.await(t.Context(), humansReady); !errors.Is(err, ErrHumans) {
		t.Errorf("waited for: %v", err)
	}
	if err := p.end(); !errors.Is(err, ErrHumans) || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("ended: %v", err)
	}
	if _, err := start([]string{"/nowhere/humans"}, io.Discard, HumansConfig{}); err == nil {
		t.Error("a program that is not there was started")
	}
}

func TestHumansRefuseWhatTheyDoNotUnderstand(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for _, told := range []string{"", "stop\n", "{\"rooms\": \"many\"}\n"} {
		if err := Humans(t.Context(), strings.NewReader(told), io.Discard, log); !errors.Is(err, ErrConfig) {
			t.Errorf("%q: %v", told, err)
		}
	}
}

func TestMeasurementsThatCannotBe(t *testing.T) {
	if _, err := Run(t.Context(), Config{Rooms: 1, For: 1, Humans: []string{"x"}}); !errors.Is(err, ErrConfig) {
		t.Errorf("without models: %v", err)
	}
}

func TestSeveralDoesAllAndGathersErrors(t *testing.T) {
	done := make([]bool, 20)
	one, two := errors.New("one"), errors.New("two")
	err := several(len(done), func(i int) error {
		done[i] = true
		switch i {
		case 3:
			return one
		case 17:
			return two
		}
		return nil
	})
	if !errors.Is(err, one) || !errors.Is(err, two) || slices.Contains(done, false) {
		t.Errorf("%v: %v", done, err)
	}
	if err := several(0, nil); err != nil {
		t.Error(err)
	}
}

func TestSpreadOfValues(t *testing.T) {
	var values []float64
	for i := range 100 {
		values = append(values, float64(99-i))
	}
	if got := SpreadOf(values); got != (Spread{P50: 50, P95: 95, Max: 99}) {
		t.Errorf("%+v", got)
	}
	if got := SpreadOf([]float64{7}); got != (Spread{7, 7, 7}) || SpreadOf(nil) != (Spread{}) {
		t.Errorf("%+v", got)
	}
}

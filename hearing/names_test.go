package hearing_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// told is an engine that writes the names that it is told.
type told struct {
	engine
	plain int // transcripts without being asked for names
}

func (e *told) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	e.plain++
	return e.engine.Transcribe(ctx, pcm)
}

func (e *told) TranscribeHinted(_ context.Context, _ []float32, names []string) (hearing.Transcript, error) {
	return hearing.Transcript{Text: "told " + strings.Join(names, " "), Tokens: 2, AvgLogProb: -0.1}, nil
}

// TestNamesAreToldToEnginesThatTakeThem: as they are when a transcript begins, so that who joins
// during a conversation can be called.
func TestNamesAreToldToEnginesThatTakeThem(t *testing.T) {
	var mu sync.Mutex
	names := []string{"Iris"}
	final, interim := &told{}, &engine{text: "heard"}
	events, _ := scenario(t, hearing.Config{
		Interim: interim, Final: final,
		Names: func() []string {
			mu.Lock()
			defer mu.Unlock()
			return names
		},
	}, func(s *scene) {
		s.hush(320 * time.Millisecond)
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
		mu.Lock()
		names = []string{"Iris", "Otto"}
		mu.Unlock()
		s.say(640 * time.Millisecond)
		s.hush(time.Second)
	})
	var got []string
	for _, e := range events {
		if f, ok := e.(hearing.Final); ok {
			got = append(got, f.Text)
		}
	}
	if want := []string{"told Iris", "told Iris Otto"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	if interim.calls == 0 || final.plain != 0 {
		t.Errorf("%d interim transcripts, %d final ones without being told", interim.calls, final.plain)
	}
}

// TestTranscribeTellsWhoTakesIt also where there is nothing to tell.
func TestTranscribeTellsWhoTakesIt(t *testing.T) {
	hinted := &told{}
	for _, names := range [][]string{nil, {"Iris", "Otto"}} {
		got, err := hearing.Transcribe(t.Context(), hinted, nil, names)
		if want := "told " + strings.Join(names, " "); err != nil || got.Text != want {
			t.Errorf("%q: %q, %v", names, got.Text, err)
		}
		got, err = hearing.Transcribe(t.Context(), &engine{text: "Plain."}, nil, names)
		if err != nil || got.Text != "Plain." {
			t.Errorf("%q: %q, %v", names, got.Text, err)
		}
	}
}

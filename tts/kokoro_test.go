package tts

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

// scriptedKokoro keeps what it was asked for and gives fixed samples.
type scriptedKokoro struct {
	ids    [][]int64
	styles []float32 // the first number of each style
	speed  float32
	pcm    []float32
	err    error
	closed int
}

func (s *scriptedKokoro) run(_ context.Context, ids []int64, style []float32, speed float32) ([]float32, error) {
	s.ids, s.styles, s.speed = append(s.ids, ids), append(s.styles, style[0]), speed
	if len(style) != kokoroStyle {
		return nil, errors.New("a style of another length")
	}
	return s.pcm, s.err
}

func (s *scriptedKokoro) Close() error {
	s.closed++
	return nil
}

// kokoroAround is a Kokoro voice around a scripted graph. Row n of its styles begins with n.
func kokoroAround(t *testing.T, g kokoroGraph) *kokoro {
	t.Helper()
	symbols, err := parseKokoroSymbols(kokoroTable)
	if err != nil {
		t.Fatal(err)
	}
	styles := make([]float32, kokoroRows*kokoroStyle)
	for row := range kokoroRows {
		styles[row*kokoroStyle] = float32(row)
	}
	return &kokoro{
		spec: "kokoro:scripted", graph: g, speech: phonemizer(t, espeak.Config{Voice: "en-us", Tie: true}), letters: newAlphabet(false), symbols: symbols,
		styles: styles, speed: 1.25, log: slog.New(slog.DiscardHandler),
	}
}

// The style is the row of the number of tokens, and a long clause goes in parts that the model
// takes.
func TestKokoroChoosesTheStyleByLength(t *testing.T) {
	g := &scriptedKokoro{pcm: tone(kokoroRate, 4800, 0.5)}
	k := kokoroAround(t, g)
	samples := 0
	count := func(p []float32) error { samples += len(p); return nil }
	if err := k.Synthesize(t.Context(), "Hello.", count); err != nil {
		t.Fatal(err)
	}
	if n := len(g.ids[0]) - 2; len(g.ids) != 1 || g.styles[0] != float32(n) || g.speed != 1.25 || samples != 4800 {
		t.Errorf("%d tokens with row %v at speed %v gave %d samples in %d runs", n, g.styles[0], g.speed, samples, len(g.ids))
	}
	if err := k.Synthesize(t.Context(), strings.Repeat("seventy-seven thousand ", 60), count); err != nil {
		t.Fatal(err)
	}
	if len(g.ids) < 3 {
		t.Errorf("a long clause went in %d runs", len(g.ids)-1)
	}
	for i, ids := range g.ids {
		if len(ids)-2 > kokoroLimit || g.styles[i] != float32(len(ids)-2) || ids[0] != 0 || ids[len(ids)-1] != 0 {
			t.Errorf("run %d: %d tokens with row %v", i, len(ids)-2, g.styles[i])
		}
	}
}

func TestKokoroErrors(t *testing.T) {
	failed, full := errors.New("kernel failed"), errors.New("full")
	loud := tone(kokoroRate, 4800, 0.5)
	nan := slices.Clone(loud)
	nan[7] = float32(math.NaN())
	drop := func([]float32) error { return nil }
	for name, c := range map[string]struct {
		graph  *scriptedKokoro
		clause string
		emit   func([]float32) error
		want   error
	}{
		"run":            {&scriptedKokoro{err: failed}, "Hello.", drop, failed},
		"not a number":   {&scriptedKokoro{pcm: nan}, "Hello.", drop, ErrNotFinite},
		"silence":        {&scriptedKokoro{pcm: make([]float32, 4800)}, "Hello.", drop, ErrSilent},
		"consumer":       {&scriptedKokoro{pcm: loud}, "Hello.", func([]float32) error { return full }, full},
		"nothing to say": {&scriptedKokoro{pcm: loud}, "😀", drop, ErrNothingToSay},
	} {
		k := kokoroAround(t, c.graph)
		if err := k.Synthesize(t.Context(), c.clause, c.emit); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err := errors.Join(k.Close(), k.Close()); err != nil || c.graph.closed != 1 {
			t.Errorf("%s: close: %v, %d times", name, err, c.graph.closed)
		}
		if err := k.Synthesize(t.Context(), c.clause, drop); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: after close: %v", name, err)
		}
	}
	k := kokoroAround(t, &scriptedKokoro{pcm: loud})
	k.symbols = map[rune]int64{'☃': 1}
	if err := k.Synthesize(t.Context(), "Hello.", drop); !errors.Is(err, ErrNothingToSay) {
		t.Errorf("without known phonemes: %v", err)
	}
}

func TestParseStyles(t *testing.T) {
	data := make([]byte, 4*kokoroRows*kokoroStyle)
	put := func(i int, v float32) { binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v)) }
	put(0, -1.5)
	put(kokoroRows*kokoroStyle-1, 100)
	styles, err := parseStyles(data)
	if err != nil || len(styles) != kokoroRows*kokoroStyle || styles[0] != -1.5 || styles[len(styles)-1] != 100 {
		t.Fatalf("%d numbers, %v", len(styles), err)
	}
	for _, bad := range []float32{float32(math.NaN()), 100.5, -101, float32(math.Inf(1))} {
		put(1234, bad)
		if _, err := parseStyles(data); err == nil || !strings.Contains(err.Error(), "1234") {
			t.Errorf("%v: %v", bad, err)
		}
	}
	for _, n := range []int{0, len(data) - 1, len(data) - 4} {
		if _, err := parseStyles(data[:n]); err == nil {
			t.Errorf("%d bytes were taken", n)
		}
	}
	if _, err := parseStyles(append(data, 0, 0, 0, 0)); err == nil {
		t.Error("more than a voice was taken")
	}
}

func TestEnglishKokoroNames(t *testing.T) {
	for name, want := range map[string]bool{
		"af_heart": true, "bm_lewis": true, "am_x": true, "bf_a": true, "af_": false, "af": false, "": false, "jf_alpha": false, "ax_b": false, "af-heart": false, "a": false,
	} {
		if got := english(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestKokoroSymbolsRefuse(t *testing.T) {
	for _, text := range []string{"", "{}", `{"ab":1}`, `{"a":-1}`, `{"a":0}`, `{"a":100000}`, `[1]`, `{"a":1`} {
		if s, err := parseKokoroSymbols([]byte(text)); err == nil {
			t.Errorf("%q was taken as %v", text, s)
		}
	}
}

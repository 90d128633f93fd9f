package bot_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/bot"
	"github.com/sensory-agent/sensory-agent/internal/leaktest"
	"github.com/sensory-agent/sensory-agent/lines"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

// told gathers lines.
type told struct {
	mu  sync.Mutex
	all []lines.Line
}

func (d *told) tell(l lines.Line) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, l)
}

// of are the lines of one event.
func (d *told) of(event string) (out []lines.Line) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.all {
		if l.Event == event {
			out = append(out, l)
		}
	}
	return out
}

// room is a server with an agent that answers what is written with what answer says.
func room(t *testing.T, answer func(text string) string) (participant.Config, *told, bot.Config) {
	t.Helper()
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	at := participant.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "r", Identity: "ada"}
	agent, err := patient.Join(t.Context(), lk.Join, lk.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "r", Identity: "iris", Agent: true, Topics: []string{lk.TopicChat}})
	if err != nil {
		t.Fatal(err)
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case e := <-agent.Events():
				chat, ok := e.(lk.TextReceived)
				if !ok || chat.Topic != lk.TopicChat {
					continue
				}
				if text := answer(chat.Text); text != "" {
					if err := agent.SendText(lk.TopicTranscription, "", text, nil); err != nil {
						t.Error(err)
					}
				}
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() {
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
		close(stop)
		<-ended
	})
	d := &told{}
	return at, d, bot.Config{Join: at, Codec: codec.VP8, FPS: 15, Wait: time.Minute, Tell: d.tell}
}

// events are the events of lines that the human tells of itself, in order.
func (d *told) events(who string) (out []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.all {
		if l.Who == who {
			out = append(out, l.Event)
		}
	}
	return out
}

// TestAHumanWritesShowsAndIsAnswered: each text is answered before the next one is written, and
// what it did is told in order; what an agent said is recorded, if only as nothing.
func TestAHumanWritesShowsAndIsAnswered(t *testing.T) {
	_, d, cfg := room(t, func(text string) string { return "You wrote: " + text })
	cfg.Picture, cfg.Chat = image.NewRGBA(image.Rect(0, 0, 64, 48)), []string{"one", "two"}
	cfg.Microphone, cfg.Record = true, filepath.Join(t.TempDir(), "answer.wav")
	if err := bot.Run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if got := d.events("ada"); !slices.Equal(got, []string{"shows", "wrote", "wrote", "left"}) {
		t.Errorf("it did %q", got)
	}
	shown := d.of("shows")[0]
	if shown.Width != 64 || shown.Height != 48 || shown.Detail != "vp8" {
		t.Errorf("shown: %+v", shown)
	}
	var texts []string
	for _, l := range d.of("transcript") {
		texts = append(texts, l.Text)
	}
	if !slices.Equal(texts, []string{"You wrote: one", "You wrote: two"}) {
		t.Errorf("answers: %q", texts)
	}
	if l := d.of("recorded"); len(l) != 1 || l[0].LengthMS != 0 || l[0].DBFS != -120 || l[0].Detail != cfg.Record {
		t.Errorf("recorded: %+v", l)
	}
	data, err := os.ReadFile(cfg.Record)
	if err != nil || !bytes.HasPrefix(data, []byte("RIFF")) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// TestAHumanShowsOnePictureAfterAnother: on one track, the first for as long as it is to.
func TestAHumanShowsOnePictureAfterAnother(t *testing.T) {
	_, d, cfg := room(t, func(text string) string { return "You wrote: " + text })
	cfg.Before, cfg.Picture = image.NewRGBA(image.Rect(0, 0, 64, 48)), image.NewRGBA(image.Rect(0, 0, 32, 32))
	cfg.Between, cfg.Chat = 300*time.Millisecond, []string{"one"}
	if err := bot.Run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	shown := d.of("shows")
	if got := d.events("ada"); !slices.Equal(got, []string{"shows", "shows", "wrote", "left"}) || shown[0].Width != 64 || shown[1].Width != 32 {
		t.Fatalf("it did %q: %+v", got, shown)
	}
}

// TestAHumanWhoIsNotAnsweredSaysSo, and by whom it wants to be.
func TestAHumanWhoIsNotAnsweredSaysSo(t *testing.T) {
	at, _, cfg := room(t, func(text string) string { return strings.TrimPrefix(text, "quiet") })
	cfg.Wait, cfg.Chat = 2*time.Second, []string{"quiet"}
	if err := bot.Run(t.Context(), cfg); !errors.Is(err, bot.ErrNoAnswer) || !strings.Contains(err.Error(), "within 2s") {
		t.Errorf("nobody answers: %v", err)
	}
	cfg.Chat, cfg.Agent = []string{"hello"}, "max"
	if err := bot.Run(t.Context(), cfg); !errors.Is(err, bot.ErrNoAnswer) {
		t.Errorf("somebody else answers: %v", err)
	}
	cfg.Join = at
	cfg.Join.Room, cfg.Wait = "where nobody is", 100*time.Millisecond
	if err := bot.Run(t.Context(), cfg); !errors.Is(err, participant.ErrNoAgent) {
		t.Errorf("no agent comes: %v", err)
	}
	cfg.Join.APISecret = "somebody else's, and long enough to be one"
	if err := bot.Run(t.Context(), cfg); err == nil {
		t.Error("joined with a wrong secret")
	}
}

// TestAHumanStaysUntilItIsToldToLeave.
func TestAHumanStaysUntilItIsToldToLeave(t *testing.T) {
	_, d, cfg := room(t, func(string) string { return "" })
	cfg.Stay, cfg.Microphone = true, true
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- bot.Run(ctx, cfg) }()
	for len(d.of("agent")) == 0 {
		select {
		case err := <-ended:
			t.Fatalf("it did not stay: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	leave()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := d.of("left"); len(got) != 1 || got[0].Who != "ada" {
		t.Errorf("%+v", got)
	}
}

// TestRecordingsAreReadAgain: what is written is a WAV file of mono sound at 48 kHz.
func TestRecordingsAreReadAgain(t *testing.T) {
	pcm := make([]float32, 4800)
	for i := range pcm {
		pcm[i] = float32(0.5 * math.Sin(2*math.Pi*440*float64(i)/48_000))
	}
	path := filepath.Join(t.TempDir(), "a.wav")
	if err := bot.WriteWAV(path, pcm); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := media.ReadWAV(bytes.NewReader(data))
	if err != nil || got.Rate != 48_000 || got.Channels != 1 || len(got.Samples) != len(pcm) {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, v := range pcm {
		if d := got.Samples[i] - v; d > 1e-3 || d < -1e-3 {
			t.Fatalf("sample %d is %v, want %v", i, got.Samples[i], v)
		}
	}
	if err := bot.WriteWAV(filepath.Join(path, "no folder"), pcm); err == nil {
		t.Error("written where there is no folder")
	}
}

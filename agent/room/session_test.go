package room_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

const describe = "what do you see in the picture?"

func wantFacts(t *testing.T, picture *scene.Scene, answer string, least int) {
	t.Helper()
	if facts := picture.StatedFacts(answer); len(facts) < least {
		t.Errorf("answer %q states %d facts, want %d of %v", answer, len(facts), least, picture.Facts)
	}
}

func TestPersonaHearsSeesAndAnswersAloud(t *testing.T) {
	s := setStage(t, participant.Config{})
	picture := s.show(t, 4, scene.KindQuadrants, participant.CameraConfig{})
	s.say(t, describe)
	trace := answered(t, s)
	if trace.Err != nil {
		t.Fatalf("turn failed: %v", trace.Err)
	}
	if !strings.Contains(strings.ToLower(trace.Question), "what do you see in the picture") {
		t.Errorf("heard %q", trace.Question)
	}
	wantFacts(t, picture, trace.Answer, 4)
	t.Logf("first packet %v after the end of speech, overhead %v", trace.Latency(), trace.Overhead())
	if trace.Latency() <= 0 || trace.Overhead() <= 0 || trace.FirstToken.Before(trace.Features) {
		t.Errorf("trace is out of order: %+v", trace)
	}
	s.checkVoice(t, trace.Answer)
	if from := *s.from.Load(); from != (room.Origin{Room: s.room, Persona: "iris"}) {
		t.Errorf("events come from %+v", from)
	}
}

// checkVoice wants the answer as a transcript of the persona, and speech in what the human heard.
func (s *stage) checkVoice(t *testing.T, answer string) {
	t.Helper()
	limit := time.After(answerLimit)
	for {
		select {
		case e := <-s.human.Events():
			tr, ok := e.(participant.Transcript)
			if !ok || !tr.Final || tr.From != "iris" {
				continue
			}
			if tr.Text != answer {
				t.Errorf("transcript %q, answer %q", tr.Text, answer)
			}
		case <-limit:
			t.Fatal("no transcript of the persona")
		}
		break
	}
	heard := s.human.Recordings()
	if len(heard) != 1 || heard[0].Identity != "iris" {
		t.Fatalf("recordings: %v", heard)
	}
	if level := media.DBFS(heard[0].PCM); level < -45 {
		t.Errorf("recorded level %.1f dBFS: no speech", level)
	}
	words := len(strings.Fields(answer))
	if d := time.Duration(len(heard[0].PCM)) * time.Second / 48000; d < time.Duration(words)*120*time.Millisecond {
		t.Errorf("recorded %v for %d words", d, words)
	}
}

func TestEveryCodecIsSeen(t *testing.T) {
	for i, name := range codec.VideoCodecs() {
		t.Run(string(name), func(t *testing.T) {
			s := setStage(t, participant.Config{})
			picture := s.show(t, uint64(20+i), scene.KindQuadrants, participant.CameraConfig{Codec: name, FPS: 10})
			s.wait(t, "a frame", func(e room.Event) bool { _, ok := e.(room.Saw); return ok })
			if err := s.session.Ask(t.Context(), "ada", describe); err != nil {
				t.Fatal(err)
			}
			trace := s.turn(t)
			if trace.Err != nil {
				t.Fatal(trace.Err)
			}
			wantFacts(t, picture, trace.Answer, 4)
		})
	}
}

func TestLossyLinkIsStillHeardAndSeen(t *testing.T) {
	link := impair.New(impair.Conditions{Loss: 0.05}, impair.Conditions{}, 3)
	s := setStage(t, participant.Config{Link: link})
	picture := s.show(t, 31, scene.KindQuadrants, participant.CameraConfig{})
	s.say(t, describe)
	trace := answered(t, s)
	if trace.Err != nil {
		t.Fatal(trace.Err)
	}
	if !strings.Contains(strings.ToLower(trace.Question), "what do you see") {
		t.Errorf("heard %q", trace.Question)
	}
	wantFacts(t, picture, trace.Answer, 4)
	if up, _ := link.Counts(); up.Lost == 0 {
		t.Errorf("%d packets sent, none lost: the link was not bad", up.Packets)
	}
}

func TestWithoutAPictureThePersonaSaysSo(t *testing.T) {
	s := setStage(t, participant.Config{})
	if err := s.human.Chat(describe); err != nil {
		t.Fatal(err)
	}
	trace := s.turn(t)
	if trace.Err != nil || trace.Picture {
		t.Fatalf("trace %+v", trace)
	}
	if !strings.Contains(strings.ToLower(trace.Answer), "can not see") {
		t.Errorf("answer %q without a picture", trace.Answer)
	}
	limit := time.After(answerLimit)
	for {
		select {
		case e := <-s.human.Events():
			if chat, ok := e.(participant.Chat); ok && chat.From == "iris" {
				if chat.Text != trace.Answer {
					t.Errorf("chat %q, answer %q", chat.Text, trace.Answer)
				}
				return
			}
		case <-limit:
			t.Fatal("a typed question got no typed answer")
		}
	}
}

// TestPersonaStopsWhenInterrupted: it is silent while the human speaks, as the human hears it, and
// the answer is over when the words are known.
func TestPersonaStopsWhenInterrupted(t *testing.T) {
	var last atomic.Int64 // when the human heard the persona last
	s := setStage(t, participant.Config{Hear: func(_ string, f rtpin.Frame) {
		if media.DBFS(f.PCM) > -45 {
			last.Store(time.Now().UnixNano())
		}
	}})
	s.show(t, 4, scene.KindQuadrants, participant.CameraConfig{})
	s.say(t, describe)
	s.wait(t, "speech", func(e room.Event) bool { _, ok := e.(room.Said); return ok })
	begin := time.Now()
	s.say(t, "please stop talking now and listen to me for a moment")
	end, heard := time.Now(), time.Unix(0, last.Load())
	trace := s.turn(t)
	if !errors.Is(trace.Err, room.ErrInterrupted) && !errors.Is(trace.Err, room.ErrSuperseded) {
		t.Fatalf("the answer ended with %v, want an interruption", trace.Err)
	}
	t.Logf("silent %v after the human began, over %v after that", heard.Sub(begin), trace.Done.Sub(heard))
	if quiet := end.Sub(heard); quiet < end.Sub(begin)/2 {
		t.Errorf("the persona was silent for %v of the %v that the human spoke", quiet, end.Sub(begin))
	}
}

// midWord takes so long to say that something of it is heard before its end on a busy machine, too.
const midWord = "what color is the picture that I am showing to you and to all of the other people " +
	"who are sitting around this table and looking at it with me while I am talking about it"

func TestTrackThatEndsMidWordIsHeard(t *testing.T) {
	s := setStage(t, participant.Config{})
	pcm := say(t, midWord)
	done := make(chan error, 1)
	go func() {
		_, _, err := s.human.Say(context.Background(), pcm)
		done <- err
	}()
	s.wait(t, "an interim transcript", func(e room.Event) bool {
		h, ok := e.(room.Heard)
		return ok && !h.Final && strings.Contains(strings.ToLower(h.Text), "what color")
	})
	if err := s.human.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, participant.ErrLeft) {
		t.Errorf("Say returned %v, want ErrLeft", err)
	}
	heard := s.wait(t, "a final transcript", func(e room.Event) bool { h, ok := e.(room.Heard); return ok && h.Final })
	if text := strings.ToLower(heard.(room.Heard).Text); !strings.Contains(text, "what color") {
		t.Errorf("heard %q", text)
	}
}

func TestSizesFromTinyTo4K(t *testing.T) {
	s := setStage(t, participant.Config{})
	cam, err := s.human.OpenCamera(t.Context(), participant.CameraConfig{FPS: 4}, plain(16, 16, color.RGBA{220, 30, 30, 255}))
	if err != nil {
		t.Fatal(err)
	}
	saw := func(width int) {
		s.wait(t, "a frame", func(e room.Event) bool { f, ok := e.(room.Saw); return ok && f.Width == width })
	}
	saw(16)
	cam.Show(plain(3840, 2160, color.RGBA{30, 60, 220, 255}))
	saw(3840)
	cam.Show(plain(640, 360, color.RGBA{30, 160, 50, 255}))
	saw(640)
	if err := s.session.Ask(t.Context(), "ada", describe); err != nil {
		t.Fatal(err)
	}
	if trace := s.turn(t); !strings.Contains(trace.Answer, "green") {
		t.Errorf("shown green, the persona said %q (%v)", trace.Answer, trace.Err)
	}
}

func plain(w, h int, c color.Color) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

func TestServerThatDiesLeavesNothingBehind(t *testing.T) {
	models, _ := open(t)
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := newWatch()
	session, err := room.Join(t.Context(), models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "r", Observe: w.observe,
	}, room.Persona{})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	w.wait(t, "the end", func(e room.Event) bool { _, ok := e.(room.Ended); return ok })
	if err := session.Ask(t.Context(), "ada", "hello"); !errors.Is(err, room.ErrClosed) {
		t.Errorf("Ask after Close: %v, want ErrClosed", err)
	}
}

func TestJoiningNowhereSaysSo(t *testing.T) {
	if _, err := room.Join(t.Context(), nil, room.Config{}, room.Persona{}); !errors.Is(err, room.ErrConfig) {
		t.Fatalf("got %v, want ErrConfig", err)
	}
}

package room_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// page is what somebody's client is told of iris: her states, when they came, and her track.
type page struct {
	*lk.Connection
	mu       sync.Mutex
	states   []string
	at       []time.Time
	track    int               // how many states were known when it was offered, -1 before
	now      map[string]string // her attributes
	repeated int               // attributes that changed when the state did not
}

// look opens one in a room.
func look(t *testing.T, at *stage, who string) *page {
	t.Helper()
	_, server := open(t)
	conn, err := patient.Join(t.Context(), lk.Join, lk.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: at.room, Identity: who})
	if err != nil {
		t.Fatal(err)
	}
	p, ended := &page{Connection: conn, track: -1}, make(chan struct{})
	go func() {
		defer close(ended)
		for {
			e := <-conn.Events()
			p.note(e)
			if _, last := e.(lk.Disconnected); last {
				return
			}
		}
	}()
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return p
}

func (p *page) note(e lk.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case lk.AttributesChanged:
		if e.Participant.Identity != "iris" {
			return
		}
		p.now = e.Participant.Attributes
		if state := e.Participant.Attributes[lk.AttrState]; len(p.states) == 0 || p.states[len(p.states)-1] != state {
			p.states, p.at = append(p.states, state), append(p.at, time.Now())
		} else {
			p.repeated++
		}
	case lk.TrackPublished:
		if e.Participant.Identity == "iris" {
			p.track = len(p.states)
		}
	}
}

// shown are the states so far, and when they came.
func (p *page) shown() ([]string, []time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.states), slices.Clone(p.at)
}

// voice is when somebody's sound was first and last loud, and how often it began.
type voice struct {
	mu          sync.Mutex
	first, last time.Time
}

func (v *voice) hear(_ string, f rtpin.Frame) {
	if media.DBFS(f.PCM) < -50 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.last = time.Now(); v.first.IsZero() {
		v.first = v.last
	}
}

// sameMoment is how far apart things may be that happen at once and come over different ways on a
// machine that has much to do.
const sameMoment = 5 * time.Second

// longer makes an answer that takes more than twice that to say.
const longer = ", and this is a sentence that goes on and on, since whoever listens to it is to be sure that I am still heard " +
	"a good while after I have begun, and that nothing more of it is heard when I am shown as one who listens again."

// TestStatesAndTheirMedia: a page that is there first sees a persona initialise before it has a
// track, then listen; what it says begins with speaking, which comes behind thinking, and is over
// when it listens again. The persona listens before it takes anybody's microphone. What a page may
// have missed when the persona came is told again.
func TestStatesAndTheirMedia(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + longer })
	at := openTable(t, models, room.Config{}, turn.ModeAuto)
	_, server := open(t)
	seen, heard := look(t, at.stage, "paul"), &voice{}
	var err error
	at.human, err = patient.Join(t.Context(), participant.Join, participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: at.room, Identity: "ada", Hear: heard.hear,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = at.human.Close() })
	if err := at.human.OpenMicrophone(t.Context()); err != nil {
		t.Fatal(err)
	}
	at.sit(t, "iris")
	until(t, "iris listens, and says so again", func() bool {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		return seen.now[lk.AttrState] == lk.StateListening && seen.repeated > 0 && seen.track >= 0
	})
	// A server that has much to do may tell of what came last only.
	states, _ := seen.shown()
	listens := slices.Index(states, lk.StateListening)
	if listens < 0 || listens > 1 || listens == 1 && states[0] != lk.StateInitializing || seen.track < 1 {
		t.Fatalf("iris was shown as %v, with a track behind state %d", states, seen.track)
	}
	at.wait(t, "the microphone", func(e room.Event) bool { _, ok := e.(room.TrackOpened); return ok })
	begins := slices.IndexFunc(at.all(), func(e room.Event) bool { s, ok := e.(room.StateChanged); return ok && s.State == lk.StateListening })
	takes := slices.IndexFunc(at.all(), func(e room.Event) bool { _, ok := e.(room.TrackOpened); return ok })
	if joined, ok := at.all()[0].(room.Joined); !ok || joined.Track == "" || begins < 1 || takes < begins {
		t.Errorf("listens as event %d, takes a microphone as event %d, begins with %+v", begins, takes, at.all()[0])
	}

	at.say(t, "What is your name?")
	until(t, "iris has spoken", func() bool {
		states, _ := seen.shown()
		return slices.Contains(states, lk.StateSpeaking) && states[len(states)-1] == lk.StateListening
	})
	states, when := seen.shown()
	before := when[listens]
	if states, when = states[listens+1:], when[listens+1:]; len(states) == 2 { // thinking was over before it was told
		states, when = slices.Insert(states, 0, lk.StateThinking), slices.Insert(when, 0, before)
	}
	if !slices.Equal(states, []string{lk.StateThinking, lk.StateSpeaking, lk.StateListening}) {
		t.Fatalf("one answer is shown as %v", states)
	}
	heard.mu.Lock()
	first, last := heard.first, heard.last
	heard.mu.Unlock()
	switch thinks, speaks, listens := when[0], when[1], when[2]; {
	case first.Before(thinks):
		t.Errorf("heard %v before it thinks", thinks.Sub(first))
	case first.Sub(speaks).Abs() > sameMoment:
		t.Errorf("heard %v after it speaks", first.Sub(speaks))
	case last.Sub(listens).Abs() > sameMoment || !last.After(first):
		t.Errorf("heard until %v after it listens", last.Sub(listens))
	}
}

// TestAMicrophoneIsSeenToBeHeard: where a hidden connection listens for several personas, a client
// is told all the same that its microphone is heard: pages end with that what they record while
// connecting, and programs wait for it. Nobody of those who are seen goes on receiving it.
func TestAMicrophoneIsSeenToBeHeard(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	at := openTable(t, models, room.Config{}, turn.ModeAuto)
	at.sit(t, "iris")
	at.sit(t, "max")
	until(t, "a hidden connection listens", func() bool { return len(at.session.Listener()) > len("listener-") })
	ada := look(t, at.stage, "ada")
	mic, err := ada.PublishVoice("microphone")
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := uint32(0); t.Context().Err() == nil; i++ {
			_ = mic.WriteOpus([]byte{0xf8, 0xff, 0xfe}, 960*i, 20*time.Millisecond) // 20 ms of nothing
			time.Sleep(20 * time.Millisecond)
		}
	}()
	t.Cleanup(func() { <-sent })
	until(t, "ada is told that somebody hears her", mic.Taken)
	at.wait(t, "the room hears her", func(e room.Event) bool { o, ok := e.(room.TrackOpened); return ok && o.Who == "ada" })
	opened := 0
	for _, e := range at.all() {
		switch e := e.(type) {
		case room.TrackOpened:
			opened++
		case room.Problem:
			t.Errorf("%v", e.Err)
		}
	}
	if opened != 1 {
		t.Errorf("her microphone was opened %d times", opened)
	}
}

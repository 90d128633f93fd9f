package crowd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// What the humans are told after their configuration, and what they report.
const (
	humansStop    = "stop"    // ask nothing more; the end of what they are told: leave
	humansReady   = "ready"   // everybody is in their room and sends
	humansStopped = "stopped" // nobody speaks any more
	humanSpoke    = "spoke"   // from Start to End
	humanHeard    = "heard"   // the first packet of an answer came, at Start
	humanVoice    = "voice"   // how loud it was, and how much of it was audible so far
	humanRead     = "read"    // the whole text of an answer
)

// HumansConfig is the first line that the humans are told, as JSON.
type HumansConfig struct {
	Server Server `json:"server"`
	// Prefix is how the rooms' names begin; their number from 0 follows.
	Prefix string `json:"prefix"`
	Rooms  int    `json:"rooms"`
	Video  bool   `json:"video"`
	FPS    int    `json:"fps"`
	Silent bool   `json:"silent"`
	// Restless has cameras show another picture every second, so that there is always something to
	// look at.
	Restless bool `json:"restless"`
	// Canned says that nobody listens to the words: all ask the same, which takes 2 s.
	Canned bool `json:"canned"`
}

// Noticed is a line of what the human in one room reports.
type Noticed struct {
	Event    string    `json:"event"`
	Room     int       `json:"room"`
	Start    time.Time `json:"start,omitzero"`
	End      time.Time `json:"end,omitzero"`
	Text     string    `json:"text,omitempty"`
	Right    bool      `json:"right,omitempty"` // of a text: it answers what is shown
	DBFS     float64   `json:"dbfs,omitempty"`
	LengthMS float64   `json:"length_ms,omitempty"`
}

// humans are the people of a measurement, inside their process.
type humans struct {
	cfg     HumansConfig
	log     *slog.Logger
	stopped chan struct{} // closed when nothing more is asked

	mu  sync.Mutex // guards out
	out *json.Encoder
}

// Humans are the people of a measurement: they are told on in what to do and report on out. It
// returns when in has ended, or ctx, and everybody has left.
func Humans(ctx context.Context, in io.Reader, out io.Writer, log *slog.Logger) error {
	told := bufio.NewScanner(in)
	h := &humans{log: log, out: json.NewEncoder(out), stopped: make(chan struct{})}
	if told.Scan(); json.Unmarshal(told.Bytes(), &h.cfg) != nil {
		return fmt.Errorf("%w: %q is not what they are to do", ErrConfig, told.Text())
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	go func() { // it ends with what it reads, at the latest with the process
		defer leave()
		var once sync.Once
		for told.Scan() {
			if told.Text() == humansStop {
				once.Do(func() { close(h.stopped) })
			}
		}
	}()
	people := make([]*speaker, h.cfg.Rooms)
	err := several(h.cfg.Rooms, func(i int) (err error) {
		people[i], err = h.enter(ctx, i)
		return err
	})
	if err == nil {
		err = h.talk(ctx, people)
	}
	return errors.Join(err, several(len(people), func(i int) error {
		if people[i] != nil {
			_ = people[i].Close() // the server may be gone already
			<-people[i].ended
		}
		return nil
	}))
}

// enter brings one human into a room, with what it asks and shows.
func (h *humans) enter(ctx context.Context, i int) (*speaker, error) {
	p, err := newSpeaker(ctx, i, &h.cfg)
	if err != nil {
		return nil, err
	}
	at := h.cfg.Server
	p.Participant, err = participant.Join(ctx, participant.Config{
		URL: at.URL, APIKey: at.Key, APISecret: at.Secret, Room: fmt.Sprint(h.cfg.Prefix, i), Identity: "human", Logger: h.log,
	})
	if err != nil {
		return nil, err
	}
	go h.watch(p)
	err = p.WaitAgent(ctx)
	if err == nil {
		err = p.OpenMicrophone(ctx)
	}
	if err == nil && p.picture != nil {
		p.camera, err = p.OpenCamera(ctx, participant.CameraConfig{FPS: h.cfg.FPS}, p.picture.Image)
	}
	return p, err
}

// talk has everybody ask again and again, spread over the time between two questions, until nothing
// more is to be asked, and waits for the end.
func (h *humans) talk(ctx context.Context, people []*speaker) error {
	h.report(Noticed{Event: humansReady})
	begin := time.Now().Add(2 * time.Second) // microphones and pictures arrive
	errs := make([]error, len(people))
	var work sync.WaitGroup
	for i, p := range people {
		if p.other != nil {
			work.Go(func() { h.fidget(ctx, p) })
		}
		work.Go(func() { errs[i] = h.ask(ctx, p, begin.Add(talkEvery*time.Duration(i)/time.Duration(len(people)))) })
	}
	work.Wait()
	h.report(Noticed{Event: humansStopped})
	if err := errors.Join(errs...); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// fidget shows one picture and the other in turns until nothing more is asked.
func (h *humans) fidget(ctx context.Context, p *speaker) {
	tick := time.NewTicker(showEvery)
	defer tick.Stop()
	for shown, next := p.picture, p.other; ; shown, next = next, shown {
		select {
		case <-tick.C:
			p.camera.Show(next.Image)
		case <-h.stopped:
			return
		case <-ctx.Done():
			return
		}
	}
}

// ask asks the question of one human, first at a time.
func (h *humans) ask(ctx context.Context, p *speaker, at time.Time) error {
	for ; ; at = at.Add(talkEvery) {
		wait := time.NewTimer(time.Until(at))
		select {
		case <-wait.C:
		case <-h.stopped:
			wait.Stop()
			return nil
		case <-ctx.Done():
			wait.Stop()
			return nil
		}
		if h.cfg.Silent {
			continue
		}
		start, end, err := p.Say(ctx, p.question)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was told to end
		}
		if err != nil {
			return fmt.Errorf("human in room %d: %w", p.room, err)
		}
		h.report(Noticed{Event: humanSpoke, Room: p.room, Start: start, End: end})
	}
}

// watch reports what one human notices until it leaves.
func (h *humans) watch(p *speaker) {
	defer close(p.ended)
	for e := range p.Events() {
		switch e := e.(type) {
		case participant.VoiceStarted:
			h.report(Noticed{Event: humanHeard, Room: p.room, Start: e.At})
		case participant.Voice:
			h.report(Noticed{Event: humanVoice, Room: p.room, Start: e.At, DBFS: e.DBFS, LengthMS: ms(e.Length)})
		case participant.Transcript:
			if e.Final && e.From != p.Identity() {
				h.report(Noticed{Event: humanRead, Room: p.room, Start: e.At, Text: e.Text, Right: p.right(e.Text)})
			}
		case participant.Left:
			return
		}
	}
}

func (h *humans) report(l Noticed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = h.out.Encode(l) // who does not read any more has ended
}

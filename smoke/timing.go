package smoke

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

const (
	timingRoom  = "smoke-timing"
	prober      = "prober"
	listener    = "listener"
	settleFor   = 3 * time.Second // in which a storm would go on
	idleFor     = 2 * time.Second // in which it is measured what the program uses while nothing happens
	seatedLimit = 2 * time.Minute // until the personas are seated, the loading of models included
	seatedEach  = 5 * time.Second // more for each
)

// MaxPersonas is how many personas a timing smoke can seat: as many as there are names here that
// nobody mistakes for each other.
func MaxPersonas() int { return len(personaNames) }

var personaNames = [...]string{ // a table
	"amber", "boris", "clara", "dmitri", "edith", "felix", "greta", "hector", "ingrid", "jasper", "katya", "lorenzo", "mabel", "oscar", "petra", "quentin",
}

// TimingConfig describes a timing smoke.
type TimingConfig struct {
	// Binary is the program that is tested, by its public commands.
	Binary string
	// URL, APIKey and APISecret name a running server; an empty URL starts one on loopback.
	URL, APIKey, APISecret string
	Profile, Voice         string
	ModelsDir              string
	Personas               int
	Budgets                TimingBudgets
	// CPUPerReply is how many seconds of processor one reply may cost, its voice included.
	CPUPerReply time.Duration
	// Artifacts is the folder for configuration and store; empty uses a temporary one that is
	// removed.
	Artifacts string
	// Progress is told what is being done.
	Progress func(text string)
}

// DefaultCPUPerReply is some ten times what a reply of the embedded profile takes.
const DefaultCPUPerReply = 5 * time.Second

// Check says what of the call is wrong, before anything is started.
func (c *TimingConfig) Check() error {
	switch {
	case c.Personas < 1 || c.Personas > MaxPersonas():
		return fmt.Errorf("%d personas: use 1 to %d", c.Personas, MaxPersonas())
	case c.Budgets.First <= 0 || c.Budgets.All < c.Budgets.First:
		return fmt.Errorf("budgets of %s to the first reply and %s to all: the first is positive, the second no shorter", c.Budgets.First, c.Budgets.All)
	case c.Budgets.Minimum < 1:
		return fmt.Errorf("a minimum of %d: somebody is to reply", c.Budgets.Minimum)
	case c.CPUPerReply <= 0:
		return fmt.Errorf("%s of processor for a reply: nothing costs nothing", c.CPUPerReply)
	}
	return nil
}

// timing is a run under way.
type timing struct {
	TimingConfig
	record  TimingRecord
	seen    TimingObservation
	address string // of the API
	store   string // the file
	marker  string // in the message
	heard   *ear   // nil where nobody listens
}

// Timing runs the smoke once. It always returns a record: faults of the harness are one of its
// buckets.
func Timing(ctx context.Context, cfg TimingConfig) TimingRecord {
	t := &timing{TimingConfig: cfg}
	t.record = TimingRecord{
		Smoke: "timing", Profile: cfg.Profile, Personas: cfg.Personas, Minimum: cfg.Budgets.Minimum, Aloud: cfg.Budgets.Aloud,
		FirstBudgetMS: cfg.Budgets.First.Milliseconds(), AllBudgetMS: cfg.Budgets.All.Milliseconds(),
		Divergences: []string{}, Replies: []Answer{}, Silences: []Silence{}, Missing: []string{}, StartedAt: time.Now().UTC().Format(time.RFC3339),
	}
	if err := t.run(ctx); err != nil {
		t.record.Bucket, t.record.Reason = HarnessError, err.Error()
	} else {
		t.record.Bucket, t.record.Reason = JudgeTiming(t.seen, cfg.Budgets)
	}
	t.fill()
	return t.record
}

// fill copies the observation into the record.
func (t *timing) fill() {
	r, o := &t.record, &t.seen
	r.Passed = r.Bucket == Passed
	r.Storm = o.Storm
	if o.Kept {
		r.Missing = o.missing()
		r.Replies, r.Silences = append(r.Replies, o.Answers...), append(r.Silences, o.Silences...)
		if first, last, _ := o.times(t.Budgets.Aloud); first >= 0 {
			r.FirstMS, r.AllMS = first.Milliseconds(), last.Milliseconds()
		}
	}
}

func (t *timing) run(ctx context.Context) (err error) {
	if err := t.prepare(); err != nil {
		return err
	}
	if t.Artifacts == "" {
		dir, err := os.MkdirTemp("", "smoke-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder is no result
		t.Artifacts = dir
	} else if err := os.MkdirAll(t.Artifacts, 0o755); err != nil { // results for everybody
		return err
	} else {
		t.record.Artifacts = t.Artifacts
	}
	if t.URL == "" {
		server, err := livekit.Start(ctx, livekit.Config{})
		if err != nil {
			return err
		}
		defer func() { _ = server.Stop() }() // the verdict stands whether or not the server ends well
		t.URL, t.APIKey, t.APISecret = server.URL, server.APIKey, server.APISecret
	}
	program, err := t.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = program.stop() }()
	if t.Budgets.Aloud {
		human, err := t.listen(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = human.stop() }()
	}
	return t.probe(ctx, program)
}

func (t *timing) prepare() error {
	if err := t.Check(); err != nil {
		return err
	}
	if t.Progress == nil {
		t.Progress = func(string) {}
	}
	t.seen.Personas = personaNames[:t.Personas]
	var raw [6]byte
	_, _ = rand.Read(raw[:]) // it does not fail
	t.marker = "probe-" + hex.EncodeToString(raw[:])
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	t.address = socket.Addr().String()
	return socket.Close()
}

// configuration is the file that seats the personas.
func (t *timing) configuration() string {
	var b strings.Builder
	b.WriteString("personas:\n")
	for _, name := range t.seen.Personas {
		fmt.Fprintf(&b, "  - {name: %s, profile: %q, history: \"off\", remember: never", name, t.Profile)
		if t.Voice != "" {
			fmt.Fprintf(&b, ", voice: %q", t.Voice)
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "rooms:\n  - {name: %s, mode: all, personas: [%s]}\n", timingRoom, strings.Join(t.seen.Personas, ", "))
	return b.String()
}

// pair is what a program needs to seat personas; it is in its environment, where other users of the
// machine cannot see it.
func (t *timing) pair() []string {
	return []string{"LIVEKIT_API_KEY=" + t.APIKey, "LIVEKIT_API_SECRET=" + t.APISecret}
}

// serve starts the program as an operator would and waits until every persona is seated, or cannot
// be.
func (t *timing) serve(ctx context.Context) (*child, error) {
	t.Progress(fmt.Sprintf("%d personas of profile %s take their seats, in a program at %s", t.Personas, t.Profile, t.address))
	file := filepath.Join(t.Artifacts, "personas.yaml")
	if err := os.WriteFile(file, []byte(t.configuration()), 0o600); err != nil {
		return nil, err
	}
	t.store = filepath.Join(t.Artifacts, "store.db")
	args := []string{
		"serve", "--config", file, "--json", "--url", t.URL, "--listen", t.address, "--store", t.store, "--models-dir", t.ModelsDir,
	}
	program, err := spawn(ctx, t.Binary, t.pair(), args...)
	if err != nil {
		return nil, err
	}
	limit := time.Now().Add(seatedLimit + time.Duration(t.Personas)*seatedEach)
	go program.drain()
	for time.Now().Before(limit) {
		select {
		case <-program.ended:
			return nil, fmt.Errorf("serve ended: %s", program.problem())
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), program.stop())
		case <-time.After(200 * time.Millisecond):
		}
		if settled(ctx, t.address, t.Personas) {
			return program, nil
		}
	}
	return program, nil // those who are not there are missing
}

// token lets the listener into the room.
func (t *timing) token() (string, error) {
	s := &sensory{Config: Config{APIKey: t.APIKey, APISecret: t.APISecret}, room: timingRoom}
	return s.token(listener, false)
}

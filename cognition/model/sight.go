package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// SightCost is what one picture of so many squares, or patches, costs a model on a machine.
type SightCost struct {
	// Pieces are squares, or patches where the model takes those.
	Pieces int `json:"pieces"`
	// EncodeMS is how long it takes until the picture can be asked about, ReadMS how much longer an answer
	// takes to begin than one without a picture. Both in milliseconds, rounded up.
	EncodeMS int64 `json:"encode_ms"`
	ReadMS   int64 `json:"read_ms"`
}

// Took is all of it.
func (c SightCost) Took() time.Duration {
	return time.Duration(c.EncodeMS+c.ReadMS) * time.Millisecond
}

// Encode is how long the picture takes before anything can be asked about it.
func (c SightCost) Encode() time.Duration { return time.Duration(c.EncodeMS) * time.Millisecond }

// SightCosts are what pictures cost a model on one machine, as somebody measured it.
type SightCosts struct {
	// Provider and Device are the execution provider and the processor or GPU that it was measured on.
	Provider string `json:"provider"`
	Device   string `json:"device"`
	// Unit is what pictures are cut into: [Squares] or [Patches].
	Unit string `json:"unit"`
	// At is when.
	At time.Time `json:"at,omitzero"`
	// Costs ascend, by pieces; the last one may be the first that took too long, behind which nothing was
	// measured. Allowed are all numbers of pieces that the model's own processor allows, ascending.
	Costs   []SightCost `json:"costs"`
	Allowed []int       `json:"allowed"`
}

// What pictures are cut into.
const (
	Squares = "squares"
	Patches = "patches"
)

// Sight is how pictures are seen: what an answer may wait for, and what that comes to.
type Sight struct {
	// WaitMS is what an answer may wait for a picture, in milliseconds.
	WaitMS int64 `json:"wait_ms"`
	// Measured is nil where nobody has measured the model on this machine: that is done when it is loaded.
	Measured *SightCosts `json:"measured,omitempty"`
	// Pieces is the largest number of squares or patches that keeps the wait; 0 where it is not known yet.
	Pieces int `json:"pieces,omitempty"`
	// TookMS is what a picture of so many costs.
	TookMS int64 `json:"took_ms,omitempty"`
}

// Wait is what an answer may wait for a picture.
func (s *Sight) Wait() time.Duration { return time.Duration(s.WaitMS) * time.Millisecond }

// AgreeSight takes the largest number of pieces that costs no more than the wait. Where not even the
// smallest does it is a *SightError; where nothing was measured nothing is agreed yet. It is pure.
func AgreeSight(wait time.Duration, measured *SightCosts) (Sight, error) {
	s := Sight{WaitMS: wait.Milliseconds(), Measured: measured}
	if measured == nil || len(measured.Costs) == 0 {
		s.Measured = nil
		return s, nil
	}
	for _, c := range measured.Costs {
		if c.Took() > wait {
			break // more pieces never cost less
		}
		s.Pieces, s.TookMS = c.Pieces, c.Took().Milliseconds()
	}
	if s.Pieces == 0 {
		return s, &SightError{Wait: wait, Least: measured.Costs[0], Measured: *measured}
	}
	return s, nil
}

// String is one clause for people.
func (s *Sight) String() string {
	wait := short(s.Wait())
	if s.Measured == nil {
		return fmt.Sprintf("an answer may wait %s for a picture, whose cost is measured when the model is loaded", wait)
	}
	return fmt.Sprintf("pictures of %s: %s of the %s that an answer may wait for one (%s)",
		pieces(s.Pieces, s.Measured.Unit), short(time.Duration(s.TookMS)*time.Millisecond), wait, s.Measured)
}

// String lists what was measured.
func (m *SightCosts) String() string {
	parts := make([]string, 0, len(m.Costs))
	for _, c := range m.Costs {
		parts = append(parts, fmt.Sprintf("%d in %s", c.Pieces, short(c.Took())))
	}
	text := "measured: " + strings.Join(parts, ", ")
	if n := len(m.Allowed); n > 0 && len(m.Costs) > 0 && m.Allowed[n-1] > m.Costs[len(m.Costs)-1].Pieces {
		text += fmt.Sprintf("; not up to %d", m.Allowed[n-1])
	}
	return text
}

// pieces counts squares or patches.
func pieces(n int, unit string) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(unit, "s")
	}
	return strconv.Itoa(n) + " " + unit
}

func short(d time.Duration) string {
	if d >= 10*time.Second {
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}

// SightError says that even the smallest picture costs more than an answer may wait.
type SightError struct {
	// Model is its id, where it is known.
	Model    string
	Wait     time.Duration
	Least    SightCost
	Measured SightCosts
}

// Error says what was measured and what to change.
func (e *SightError) Error() string {
	who := "the model"
	if e.Model != "" {
		who = e.Model
	}
	return fmt.Sprintf("%v: a picture of %s costs %s %s on %s (%s to encode, %s to read), an answer may wait %s for one: "+
		"give the profile a longer sight wait, limit its models to a faster one, or use a faster machine",
		ErrSight, pieces(e.Least.Pieces, e.Measured.Unit), who, short(e.Least.Took()), e.Measured.Device,
		short(e.Least.Encode()), short(time.Duration(e.Least.ReadMS)*time.Millisecond), short(e.Wait))
}

// Unwrap returns ErrNoQualifiedModel and ErrSight.
func (e *SightError) Unwrap() []error { return []error{ErrNoQualifiedModel, ErrSight} }

// sight is what was agreed about the pictures of a model, nil where the profile says nothing of them, or
// the model is shown none here. A model whose pictures cost too much is refused: no other one takes its
// place, since who asked for the best that is here is not to be given something else unasked.
func (s *solver) sight(v *verdict) (*Sight, error) {
	if s.profile.SightWait <= 0 || v.entry.remote() || !s.native.Has(Vision) {
		return nil, nil
	}
	var measured *SightCosts
	state := s.ready.state(v.entry)
	for i := range state.Sight {
		if m := &state.Sight[i]; m.Provider == v.place.provider && m.Device == v.place.device {
			measured = m
		}
	}
	out, err := AgreeSight(s.profile.SightWait, measured)
	if typed, ok := err.(*SightError); ok { //nolint:errorlint // AgreeSight returns it unwrapped
		typed.Model = v.entry.ID
	}
	return &out, err
}

// tooSlow is the refusal of the model that would be taken, whose pictures cost too much.
func (s *solver) tooSlow(v *verdict, err error) *RefusalError {
	out := s.refusal()
	out.Reason = ReasonSight
	b := Blocker{Model: v.entry.ID, Filter: sightStep, Lacks: err.Error()}
	out.Nearest, out.Blockers, out.Command = &b, []Blocker{b}, ""
	return out
}

// sightStep is the last step of an explanation.
const sightStep = "sight"

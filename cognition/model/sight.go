package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SightCost is what one picture of so many squares, or patches, costs a model on a machine.
type SightCost struct {
	// Pieces are squares, or patches where the model takes those.
	Pieces int `json:"pieces"`
	// EncodeMS is how long it takes until the picture can be asked about, ReadMS how much longer an
	// answer takes to begin than one without a picture. Both in milliseconds, rounded up.
	EncodeMS int64 `json:"encode_ms"`
	ReadMS   int64 `json:"read_ms"`
}

// Took is all of it.
func (c SightCost) Took() time.Duration {
	return time.Duration(c.EncodeMS+c.ReadMS) * time.Millisecond
}

// For is what an answer about so many pictures waits for them: the newest is encoded, those before
// it have been, and all are read.
func (c SightCost) For(pictures int) time.Duration {
	return time.Duration(c.EncodeMS+int64(pictures)*c.ReadMS) * time.Millisecond
}

// Encode is how long the picture takes before anything can be asked about it.
func (c SightCost) Encode() time.Duration { return time.Duration(c.EncodeMS) * time.Millisecond }

// SightCosts are what pictures cost a model on one machine, as somebody measured it.
type SightCosts struct {
	// Provider and Device are the execution provider and the processor or GPU that it was measured
	// on.
	Provider string `json:"provider"`
	Device   string `json:"device"`
	// Unit is what pictures are cut into: [Squares] or [Patches].
	Unit string `json:"unit"`
	// At is when.
	At time.Time `json:"at,omitzero"`
	// Costs ascend, by pieces; the last one may be the first that took too long, behind which
	// nothing was measured. Allowed are all numbers of pieces that the model's own processor
	// allows, ascending.
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
	// WaitMS is what an answer may wait for its pictures, in milliseconds; 0 bounds nothing.
	WaitMS int64 `json:"wait_ms"`
	// Pictures is how many an answer is made from at most, 1 at least. Where it is more than one,
	// each was taken SpacingMS or more before the next, and all within WithinMS before the newest;
	// both in milliseconds.
	Pictures  int   `json:"pictures"`
	SpacingMS int64 `json:"spacing_ms,omitempty"`
	WithinMS  int64 `json:"within_ms,omitempty"`
	// Wanted is how many the profile and the model would have, where that is more: they take longer
	// than an answer may wait, or the model's window does not hold them. Else 0.
	Wanted int `json:"pictures_wanted,omitempty"`
	// Measured is nil where nobody has measured the model on this machine: that is done when it is
	// loaded.
	Measured *SightCosts `json:"measured,omitempty"`
	// Pieces is the largest number of squares or patches that keeps the wait; 0 where it is not
	// known yet.
	Pieces int `json:"pieces,omitempty"`
	// TookMS is what a picture of so many costs.
	TookMS int64 `json:"took_ms,omitempty"`
}

// Wait is what an answer may wait for its pictures.
func (s *Sight) Wait() time.Duration { return time.Duration(s.WaitMS) * time.Millisecond }

// AgreeSight takes as many pictures as are wanted, or fewer where even the smallest cost more than
// the wait, and then the largest number of pieces that costs no more. Where not even one picture of
// the smallest does it is a *SightError; where nothing was measured, or nothing is waited for, no
// pieces are agreed. It is pure.
func AgreeSight(want Sight, measured *SightCosts) (Sight, error) {
	s := want
	s.Pictures, s.Measured, s.Pieces, s.TookMS = max(want.Pictures, 1), nil, 0, 0
	if measured == nil || len(measured.Costs) == 0 || want.WaitMS == 0 {
		return s, nil
	}
	s.Measured = measured
	for ; s.Pictures > 0; s.Pictures-- {
		for _, c := range measured.Costs {
			if c.For(s.Pictures) > s.Wait() {
				break // more pieces never cost less
			}
			s.Pieces, s.TookMS = c.Pieces, c.For(s.Pictures).Milliseconds()
		}
		if s.Pieces > 0 {
			return s.fewer(max(want.Pictures, want.Wanted)), nil
		}
	}
	return s, &SightError{Wait: s.Wait(), Least: measured.Costs[0], Measured: *measured}
}

// Fewer is the same with no more pictures than that, and says how many were wanted.
func (s Sight) Fewer(pictures int) Sight {
	wanted := max(s.Pictures, s.Wanted)
	s.Pictures = max(min(s.Pictures, pictures), 1)
	return s.fewer(wanted)
}

func (s Sight) fewer(wanted int) Sight {
	if s.Wanted = 0; wanted > s.Pictures {
		s.Wanted = wanted
	}
	return s
}

// String is one or two clauses for people.
func (s *Sight) String() string {
	cost, wait := "", short(s.Wait())
	switch {
	case s.WaitMS == 0:
	case s.Measured == nil:
		cost = fmt.Sprintf("an answer may wait %s for a picture, whose cost is measured when the model is loaded", wait)
	default:
		of := "one"
		if s.Pictures > 1 {
			of = fmt.Sprintf("%d of them", s.Pictures)
		}
		cost = fmt.Sprintf("pictures of %s: %s of the %s that an answer may wait for %s (%s)",
			pieces(s.Pieces, s.Measured.Unit), short(time.Duration(s.TookMS)*time.Millisecond), wait, of, s.Measured)
	}
	return strings.Join(slices.DeleteFunc([]string{s.many(), cost}, func(clause string) bool { return clause == "" }), "; ")
}

// many says how many pictures an answer is made from, where more than one was wanted.
func (s *Sight) many() string {
	if s.Pictures < 2 && s.Wanted < 2 {
		return ""
	}
	text := "one picture an answer"
	if s.Pictures > 1 {
		text = fmt.Sprintf("up to %d pictures an answer, %s or more apart, of the last %s", s.Pictures, s.Spacing(), s.Within())
	}
	if s.Wanted > s.Pictures {
		text += fmt.Sprintf(" (not %d: they take too long, or too much of the window)", s.Wanted)
	}
	return text
}

// Spacing is how much older a picture is at least than the next of the same answer, Within how much
// older than the newest at most.
func (s *Sight) Spacing() time.Duration { return time.Duration(s.SpacingMS) * time.Millisecond }

// Within is described at Spacing.
func (s *Sight) Within() time.Duration { return time.Duration(s.WithinMS) * time.Millisecond }

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

// sight is what was agreed about the pictures of a model, nil where nobody says anything of them,
// or the model is shown none. A model whose pictures cost too much is refused: no other one takes
// its place, since who asked for the best that is here is not to be given something else unasked.
func (s *solver) sight(v *verdict) (*Sight, error) {
	want := s.profile.sight(v.entry)
	if want.WaitMS == 0 && want.Pictures == 1 || !s.native.Has(Vision) {
		return nil, nil
	}
	var measured *SightCosts
	state := s.ready.state(v.entry)
	for i := range state.Sight {
		if m := &state.Sight[i]; m.Provider == v.place.provider && m.Device == v.place.device {
			measured = m
		}
	}
	out, err := AgreeSight(want, measured)
	if typed, ok := err.(*SightError); ok { //nolint:errorlint // AgreeSight returns it unwrapped
		typed.Model = v.entry.ID
	}
	return &out, err
}

// sight is what the profile wants of a model that is shown pictures. What a server's model costs
// nobody measures.
func (p *Profile) sight(e *Entry) Sight {
	want := Sight{WaitMS: p.SightWait.Milliseconds(), Pictures: max(e.Pictures, 1)}
	if e.remote() {
		want.WaitMS = 0
	}
	if p.SightPictures > 0 {
		want.Pictures = min(want.Pictures, p.SightPictures)
	}
	if want.Pictures > 1 {
		want.SpacingMS = cmp.Or(p.SightSpacing, DefaultSightSpacing).Milliseconds()
		want.WithinMS = cmp.Or(p.SightWithin, DefaultSightWithin).Milliseconds()
	}
	return want
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

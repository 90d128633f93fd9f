package vision

import "time"

// Reason says why a frame was taken.
type Reason int

// The reasons, strongest first. ReasonNone means that the frame is let pass.
const (
	ReasonNone        Reason = iota
	ReasonFirst              // nothing was taken yet
	ReasonRequested          // somebody asked for a picture
	ReasonRestarted          // media time went back: the track started again
	ReasonSceneChange        // the picture differs from the last one taken
	ReasonInterval           // the last picture is old enough
)

// String returns the reason in words.
func (r Reason) String() string {
	switch r {
	case ReasonFirst:
		return "first"
	case ReasonRequested:
		return "requested"
	case ReasonRestarted:
		return "restarted"
	case ReasonSceneChange:
		return "scene change"
	case ReasonInterval:
		return "interval"
	default:
		return "pass"
	}
}

// Defaults of SamplerConfig: one picture a second while someone speaks, 0.3 a second otherwise, and
// never two pictures of a flickering track within a quarter of a second.
const (
	defaultSpeakingInterval = time.Second
	defaultIdleInterval     = 10 * time.Second / 3
)

// ChangeGap is the shortest time between two changes of a scene that are looked at, unless
// SamplerConfig says another.
const ChangeGap = 250 * time.Millisecond

// SamplerConfig sets how often frames are taken. Zero fields take the defaults 1 s, 3.33 s and 250
// ms.
type SamplerConfig struct {
	// SpeakingInterval and IdleInterval are the longest times without a picture while somebody
	// speaks and while nobody does.
	SpeakingInterval, IdleInterval time.Duration
	// ChangeGap is the shortest time between two pictures that a scene change may cause. Requests
	// ignore it.
	ChangeGap time.Duration
}

// Moment is what is known when a frame arrives.
type Moment struct {
	// At is the media time of the frame.
	At time.Duration
	// Speaking is true while a person in the room speaks.
	Speaking bool
	// Changed is the verdict of SceneChange on this frame.
	Changed bool
	// Requested is true when somebody asked for a picture since the last frame.
	Requested bool
}

// Sampler decides which frames of one track become textures. It is a pure machine: no clock, no
// goroutine, the answer depends only on the moments seen so far. One goroutine uses it.
type Sampler struct {
	cfg   SamplerConfig
	taken bool
	last  time.Duration
}

// NewSampler returns a sampler that has seen nothing.
func NewSampler(cfg SamplerConfig) *Sampler {
	if cfg.SpeakingInterval <= 0 {
		cfg.SpeakingInterval = defaultSpeakingInterval
	}
	if cfg.IdleInterval <= 0 {
		cfg.IdleInterval = defaultIdleInterval
	}
	if cfg.ChangeGap <= 0 {
		cfg.ChangeGap = ChangeGap
	}
	return &Sampler{cfg: cfg}
}

// Step takes note of a frame and returns why it is taken, or ReasonNone.
func (s *Sampler) Step(m Moment) Reason {
	reason := s.judge(m)
	if reason != ReasonNone {
		s.taken, s.last = true, m.At
	}
	return reason
}

// Reset forgets what was taken, so that the next frame is taken: for a track that starts or was
// muted.
func (s *Sampler) Reset() { s.taken = false }

func (s *Sampler) judge(m Moment) Reason {
	age := m.At - s.last
	interval := s.cfg.IdleInterval
	if m.Speaking {
		interval = s.cfg.SpeakingInterval
	}
	switch {
	case !s.taken:
		return ReasonFirst
	case m.Requested:
		return ReasonRequested
	case age < 0:
		return ReasonRestarted
	case m.Changed && age >= s.cfg.ChangeGap:
		return ReasonSceneChange
	case age >= interval:
		return ReasonInterval
	default:
		return ReasonNone
	}
}

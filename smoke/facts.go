package smoke

import (
	"context"
	"fmt"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// shown are the arguments that show the picture.
func (s *sensory) shown() ([]string, error) {
	if s.scene != nil {
		args := []string{"--scene", fmt.Sprint(s.scene.Seed)}
		if s.special() {
			args = append(args, "--kind", string(s.scene.Kind))
		}
		return args, nil
	}
	path, err := write(s.held, s.Artifacts)
	return []string{"--show", path}, err
}

// special tells whether something else than what is in one drawing is asked.
func (s *sensory) special() bool {
	return s.scene != nil && (s.scene.Kind == scene.KindChange || s.scene.Kind == scene.KindReal)
}

// fresh opens another room with a persona for the control: one that remembers what it said of a
// picture would say it again. end ends it; nil where the persona did not come.
func (s *sensory) fresh(ctx context.Context) (end func(), err error) {
	s.room += "-control"
	persona, err := s.spawnPersona(ctx)
	if err != nil || persona == nil {
		return nil, err
	}
	go persona.drain()
	return func() { _ = persona.stop() }, nil
}

func (s *sensory) facts(text string) []string {
	if s.scene == nil {
		return s.held.Facts(text)
	}
	out := []string{}
	if s.special() { // what such an answer says is right as a whole, or not at all
		if !s.scene.Check(s.ask, text) {
			return out
		}
		for _, said := range s.ask.Keywords {
			out = append(out, fmt.Sprintf("%s [%s]", s.ask.Kind, said[0]))
		}
		return out
	}
	for _, f := range s.scene.StatedFacts(text) {
		out = append(out, fmt.Sprintf("%s %v", f.Kind, f.Words))
	}
	return out
}

// fill copies the observation into the record.
func (s *sensory) fill() {
	r, o := &s.record, s.seen
	r.Passed = r.Bucket == Passed
	r.Transcript, r.Blockers = o.Transcript, o.Blockers
	if o.Facts != nil {
		r.Facts = o.Facts
	}
	if !o.Spoke.IsZero() && !o.FirstAudio.IsZero() {
		r.FirstAudioMS = float64(o.FirstAudio.Sub(o.Spoke).Microseconds()) / 1000
	}
	if !o.Spoke.IsZero() && !o.Transcribed.IsZero() {
		r.CompleteMS = float64(o.Transcribed.Sub(o.Spoke).Microseconds()) / 1000
	}
	r.SpeechMS = float64(o.Speech.Microseconds()) / 1000
}

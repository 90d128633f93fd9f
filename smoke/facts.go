package smoke

import (
	"fmt"
	"path/filepath"
)

// shown are the arguments that show the picture.
func (s *sensory) shown() ([]string, error) {
	if s.scene != nil {
		return []string{"--scene", fmt.Sprint(s.scene.Seed)}, nil
	}
	path, err := s.sign.write(s.Artifacts)
	return []string{"--show", path}, err
}

// controlArgs are those of a human who asks the same without the picture: without any, or, where the persona
// remembers what it said of a sign, with another sign. Nothing of the first one may be stated then.
func (s *sensory) controlArgs() ([]string, error) {
	args := s.botArgs(control, filepath.Join(s.Artifacts, "control.wav"))
	if s.scene != nil {
		s.Progress("control: another human asks the same without a picture")
		return args, nil
	}
	other := s.sign.other(s.Seed)
	s.Progress("control: another human asks the same of another sign, " + other.Text())
	path, err := other.write(s.Artifacts)
	return append(args, "--show", path, "--codec", s.Codec), err
}

func (s *sensory) facts(text string) []string {
	if s.scene == nil {
		return s.sign.Facts(text)
	}
	out := []string{}
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

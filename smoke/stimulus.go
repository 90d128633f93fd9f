package smoke

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// seedCount is how many seeds demo and smoke draw from, from scene.LiveSeed upwards: neither
// training nor evaluation of the calibration model reaches them.
const seedCount = 1_000_000_000

// RandomSeed returns a seed for one run.
func RandomSeed() uint64 { return scene.LiveSeed + rand.Uint64N(seedCount) }

// maxDraws bounds the search for a picture with a dependable question; about one picture in two has
// one.
const maxDraws = 64

// seeing are the questions whose right answers cannot be guessed: not what is absent, and nothing
// to be answered with yes or no.
var seeing = []scene.QuestionKind{ // a table
	scene.AskDescribe, scene.AskAt, scene.AskColour, scene.AskQuadrant, scene.AskPlain, scene.AskBackground,
}

// Stimulus draws the picture of a seed and chooses one of the questions that the calibration model
// is known to answer (scene.Reliable: the measured ones). describe asks for the whole picture,
// whose answer states several facts. A seed whose picture has no such question stands for the next
// one that has. The same seed always gives the same stimulus.
func Stimulus(seed uint64, describe bool) (*scene.Scene, scene.QA, error) {
	r := rand.New(rand.NewPCG(seed, 1)) // a picture, not a secret
	for range maxDraws {
		s, err := scene.Draw(scene.LiveSeed+r.Uint64N(seedCount), scene.Options{})
		if err != nil {
			return nil, scene.QA{}, err
		}
		asks := slices.DeleteFunc(s.ReliableQA(), func(qa scene.QA) bool {
			return !slices.Contains(seeing, qa.Kind) || describe && (qa.Kind != scene.AskDescribe || len(s.StatedFacts(qa.Answer)) < minFacts)
		})
		if len(asks) > 0 {
			return s, asks[r.IntN(len(asks))], nil
		}
	}
	return nil, scene.QA{}, fmt.Errorf("no picture near seed %d has a question to ask", seed)
}

// Kinds of stimuli of the sensory smoke. Those beside the drawn one are asked where the calibration
// model is known to answer them.
const (
	KindAny    = ""       // any that can be asked, by the seed
	KindDrawn  = "drawn"  // one drawing, and what is in it
	KindChange = "change" // a drawing after another one, and what has changed
	KindReal   = "real"   // a picture that was not drawn, which the model says it does not know
)

// beside are the questions of those kinds of pictures.
func beside(kind string) []scene.QuestionKind {
	switch kind {
	case KindChange:
		return []scene.QuestionKind{scene.AskChange, scene.AskHeldUp}
	case KindReal:
		return []scene.QuestionKind{scene.AskReal}
	}
	return nil
}

// StimulusOf is Stimulus for KindChange and KindReal, of questions whose right answers have several
// words that cannot be guessed. It is false where the calibration model is not known to answer any
// (scene.Reliable).
func StimulusOf(seed uint64, kind string) (*scene.Scene, scene.QA, bool, error) {
	r := rand.New(rand.NewPCG(seed, 4)) // a picture, not a secret
	for range maxDraws {
		opt := scene.Options{Kind: scene.Kind(kind), Width: scene.MinSide, Height: scene.MinSide} // what can be asked is the same at any size
		s, err := scene.Draw(scene.LiveSeed+r.Uint64N(seedCount), opt)
		if err != nil {
			return nil, scene.QA{}, false, err
		}
		asks := slices.DeleteFunc(s.ReliableQA(), func(qa scene.QA) bool { return !slices.Contains(beside(kind), qa.Kind) || len(qa.Keywords) < minFacts })
		if len(asks) > 0 {
			s, err = scene.Draw(s.Seed, scene.Options{Kind: scene.Kind(kind)})
			return s, asks[r.IntN(len(asks))], err == nil, err
		}
	}
	return nil, scene.QA{}, false, nil
}

// choose takes another stimulus than the drawn one, where one is wanted, or the seed says so, and
// the resolved model is known to answer: it is the calibration model, and is shown so many pictures
// an answer.
func (s *sensory) choose(pictures int) error {
	kind := s.Kind
	if kind == KindAny {
		all := []string{KindChange, KindReal, KindDrawn, KindDrawn}
		kind = all[rand.New(rand.NewPCG(s.Seed, 5)).IntN(len(all))] // a kind, not a secret
	}
	if s.scene == nil || kind == KindDrawn {
		return nil
	}
	if s.record.Model == calibrated && (kind != KindChange || pictures > 1) {
		picture, ask, known, err := StimulusOf(s.Seed, kind)
		if err != nil {
			return err
		}
		if known {
			s.scene, s.ask = picture, ask
			s.record.Kind, s.record.Question, s.record.Expected = string(picture.Kind), ask.Question, ask.Answer
			return nil
		}
	}
	if s.Kind != KindAny {
		return fmt.Errorf("model %s, which is shown up to %d pictures an answer, is not known to answer about pictures of kind %q: ask another kind", s.record.Model, pictures, kind)
	}
	return nil
}

// calibrated is the id of the calibration model.
const calibrated = "calibration"

package smoke

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// seedCount is how many seeds demo and smoke draw from, from scene.LiveSeed upwards: neither training nor evaluation of the calibration
// model reaches them.
const seedCount = 1_000_000_000

// RandomSeed returns a seed for one run.
func RandomSeed() uint64 { return scene.LiveSeed + rand.Uint64N(seedCount) }

// maxDraws bounds the search for a picture with a dependable question; about one picture in two has one.
const maxDraws = 64

// seeing are the questions whose right answers cannot be guessed: not what is absent, and nothing to be answered with yes or no.
var seeing = []scene.QuestionKind{ // a table
	scene.AskDescribe, scene.AskAt, scene.AskColour, scene.AskQuadrant, scene.AskPlain, scene.AskBackground,
}

// Stimulus draws the picture of a seed and chooses one of the questions that the calibration model is known to answer (scene.Reliable:
// the measured ones). describe asks for the whole picture, whose answer states several facts. A seed whose picture has no such question
// stands for the next one that has. The same seed always gives the same stimulus.
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

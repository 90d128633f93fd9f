package smoke

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// Seeds of demo and smoke lie in a range of their own: neither training nor evaluation of the calibration model draws from it.
const (
	firstSeed = 1_000_000_000_000_000
	seedCount = 1_000_000_000
)

// RandomSeed returns a seed for one run.
func RandomSeed() uint64 { return firstSeed + rand.Uint64N(seedCount) }

// kinds are the pictures, and questions the questions, that the calibration model answers dependably: see its model card.
var (
	kinds     = []scene.Kind{scene.KindShapes, scene.KindQuadrants}                                      //nolint:gochecknoglobals // a table
	questions = []scene.QuestionKind{scene.AskDescribe, scene.AskAt, scene.AskColour, scene.AskQuadrant} //nolint:gochecknoglobals // a table
)

// Stimulus draws the picture of a seed and chooses one of the questions that can be answered from it. describe asks for the whole
// picture, whose answer states several facts. The same seed always gives the same stimulus.
func Stimulus(seed uint64, describe bool) (*scene.Scene, scene.QA, error) {
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a picture, not a secret
	s, err := scene.Draw(seed, scene.Options{Kind: kinds[r.IntN(len(kinds))]})
	if err != nil {
		return nil, scene.QA{}, err
	}
	var asks []scene.QA
	for _, qa := range s.QA {
		if slices.Contains(questions, qa.Kind) && (!describe || qa.Kind == scene.AskDescribe) && !qa.NoPicture {
			asks = append(asks, qa)
		}
	}
	if len(asks) == 0 {
		return nil, scene.QA{}, fmt.Errorf("the scene of seed %d has no question to ask", seed)
	}
	return s, asks[r.IntN(len(asks))], nil
}

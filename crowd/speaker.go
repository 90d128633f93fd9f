package crowd

import (
	"context"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

const (
	// twoSeconds takes 2 s to say.
	twoSeconds = "Please tell me what you can see in this picture."
	// showEvery is how long a picture is shown that is followed by another.
	showEvery = time.Second
)

// speaker is one human.
type speaker struct {
	*participant.Participant
	room     int
	question []float32
	picture  *scene.Scene // nil where nothing is shown
	other    *scene.Scene // what is shown in turns with it; nil where that stays
	camera   *participant.Camera
	about    scene.QA // of the picture
	ended    chan struct{}
}

// newSpeaker draws what a human shows and says what it asks.
func newSpeaker(ctx context.Context, i int, cfg *HumansConfig) (p *speaker, err error) {
	p = &speaker{room: i, ended: make(chan struct{})}
	text := twoSeconds
	if cfg.Video {
		if p.picture, p.about, err = pictureOf(i); err != nil {
			return nil, err
		}
		if cfg.Restless {
			if p.other, _, err = pictureOf(cfg.Rooms + i); err != nil {
				return nil, err
			}
		}
		if !cfg.Canned {
			text = p.about.Question
		}
	}
	if !cfg.Silent {
		p.question, err = speech.Say(ctx, speech.Default, text)
		p.question = speech.Trim(p.question)
	}
	return p, err
}

// right tells whether a text answers what is asked about the picture.
func (p *speaker) right(text string) bool { return p.picture != nil && p.picture.Check(p.about, text) }

// pictureOf draws a picture in the size of a camera with a question that the calibration model is
// known to answer.
func pictureOf(i int) (*scene.Scene, scene.QA, error) {
	const draws = 64
	first := scene.LiveSeed + uint64(i)*draws // a small number
	for seed := first; seed < first+draws; seed++ {
		s, err := scene.Draw(seed, scene.Options{Width: 1280, Height: 720})
		if err != nil {
			return nil, scene.QA{}, err
		}
		if asks := s.ReliableQA(); len(asks) > 0 {
			return s, asks[0], nil
		}
	}
	return nil, scene.QA{}, fmt.Errorf("no picture of %d has a question to ask", draws)
}

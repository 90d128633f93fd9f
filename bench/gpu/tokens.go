package gpu

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/sensory-agent/sensory-agent/bench/smolvlm"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// seeds is where the drawn pictures of this check begin: behind those of evaluation, in front of
// those of demonstrations.
const seeds = scene.EvaluationSeed + 900_000_000_000

// ask is one question, and how its answer is judged; nil where anything is right.
type ask struct {
	img      *image.RGBA
	split    bool // the picture is looked at in squares and as a whole
	question string
	right    func(answer string) bool
}

// drawnAsks are questions about drawn pictures that the calibration model answers reliably.
func drawnAsks(pictures, each int) ([]ask, error) {
	var all []ask
	for seed := seeds; pictures > 0; seed++ {
		s, err := scene.Draw(seed, scene.Options{})
		if err != nil {
			return nil, err
		}
		questions := s.ReliableQA()
		if s.Before != nil || s.Kind == scene.KindReal || len(questions) == 0 {
			continue
		}
		pictures--
		for i := range min(each, len(questions)) {
			qa := questions[i*len(questions)/each%len(questions)]
			all = append(all, ask{s.Image, false, qa.Question, func(answer string) bool { return s.Check(qa, answer) }})
		}
	}
	return all, nil
}

// calibration asks the calibration model about drawn pictures, from the bytes of a picture to the
// words of an answer, on the processor and on the card. Every token has to be the same.
func calibration(ctx context.Context, s *settings, tell func(Verdict)) error {
	pictures := 12
	if s.Rehearse {
		pictures = 3
	}
	asks, err := drawnAsks(pictures, 3)
	if err != nil {
		return err
	}
	return s.compareTokens(ctx, s.Model, "tokens-calibration", asks, 64, tell)
}

// smolvlmTokens does the same with a model in the shape of SmolVLM-256M, whose weights are random:
// only that both agree can be right.
func smolvlmTokens(ctx context.Context, s *settings, tell func(Verdict)) error {
	if err := s.writeShape(ctx, false); err != nil {
		return err
	}
	picture, err := scene.Draw(seeds, scene.Options{Width: 1280, Height: 720, Kind: scene.KindQuadrants})
	if err != nil {
		return err
	}
	const see = "Say what you see."
	asks := []ask{{nil, false, "Tell a long story about the sea.", nil}, {picture.Image, false, see, nil}, {picture.Image, true, see, nil}}
	return s.compareTokens(ctx, s.shape(false), "tokens-smolvlm", asks, 16, tell)
}

// writeShape writes the folder of a model in the shape of SmolVLM-256M; a rehearsal has fewer
// layers.
func (s *settings) writeShape(ctx context.Context, half bool) error {
	shape := smolvlm.Full()
	if s.Rehearse {
		shape = smolvlm.Shape{TextLayers: 2, VisionLayers: 1}
	}
	shape.Half, shape.Plain = half, !half // in float32 the runtime's own attention does not exist on a card
	return smolvlm.Write(ctx, s.shape(half), smolvlm.Options{Shape: shape})
}

// said is an answer as tokens and text, and how many squares the model looked at for it.
type said struct {
	ids     []int
	text    string
	squares int
}

// answers opens a model on one provider and asks it everything.
func (s *settings) answers(ctx context.Context, rt *ort.Runtime, dir string, opt ort.Options, asks []ask, tokens int) (all []said, err error) {
	model, err := openSight(ctx, rt, dir, opt, s.squares())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, model.close()) }()
	for _, a := range asks {
		got, err := model.answer(ctx, a, tokens)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", a.question, err)
		}
		all = append(all, got)
	}
	return all, nil
}

// compareTokens asks on the processor, then on the card.
func (s *settings) compareTokens(ctx context.Context, dir, name string, asks []ask, tokens int, tell func(Verdict)) (err error) {
	rt, err := s.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	want, err := s.answers(ctx, rt, dir, s.reference(), asks, tokens)
	if err != nil {
		return fmt.Errorf("on the processor: %w", err)
	}
	got, err := s.answers(ctx, rt, dir, s.options(), asks, tokens)
	if err != nil {
		return err
	}
	tell(sameTokens(name, asks, want, got))
	return nil
}

// sameTokens compares the answers of the processor with those of the card.
func sameTokens(name string, asks []ask, want, got []said) Verdict {
	right, judged, tokens, squares := 0, 0, 0, 0
	for i, a := range asks {
		if len(want[i].ids) == 0 {
			return failed(name, fmt.Errorf("%w: to %q the processor says nothing", ErrAnswer, a.question))
		}
		if !slices.Equal(want[i].ids, got[i].ids) {
			same := 0
			for same < min(len(want[i].ids), len(got[i].ids)) && want[i].ids[same] == got[i].ids[same] {
				same++
			}
			return failed(name, fmt.Errorf("%w: to %q the answers part after %d of %d tokens: %q on the processor, %q here", ErrAnswer, a.question,
				same, len(want[i].ids), want[i].text, got[i].text))
		}
		tokens, squares = tokens+len(want[i].ids), squares+got[i].squares
		if a.right != nil {
			judged++
			if a.right(want[i].text) {
				right++
			}
		}
	}
	if 10*right < 9*judged {
		return failed(name, fmt.Errorf("%w: only %d of %d answers are right, on the processor as well", ErrAnswer, right, judged))
	}
	v := passed(name, "%d tokens of %d answers about %d squares are the processor's (what of the graphs ran where was not checked)",
		tokens, len(asks), squares)
	if judged > 0 {
		v.Why += fmt.Sprintf("; %d of %d are right", right, judged)
	}
	v.Figures = map[string]float64{"tokens": float64(tokens), "answers": float64(len(asks)), "squares": float64(squares), "right": float64(right)}
	return v
}

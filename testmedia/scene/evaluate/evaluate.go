package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/album"
	"github.com/sensory-agent/sensory-agent/vision"
)

// Config says what is measured.
type Config struct {
	Codec    codec.VideoCodec                                               // VP8 when empty
	Sizes    []image.Point                                                  // 640×480 and 1280×720 when empty
	Scenes   int                                                            // of each kind and size; 24 when zero
	PerScene int                                                            // questions of each kind about a scene; 2 when zero
	Seed     uint64                                                         // scene.EvaluationSeed when zero
	Kinds    []scene.Kind                                                   // all but dense when empty
	Album    *album.Album                                                   // real pictures beside drawn ones; may be nil
	Earlier  bool                                                           // show the same picture as an earlier one, too
	Progress func(done, total int)                                          // called after each scene; may be nil
	Wrong    func(seed uint64, kind scene.Kind, qa scene.QA, answer string) // called for each wrong answer; may be nil
}

func (c Config) withDefaults() Config {
	if c.Codec == "" {
		c.Codec = codec.VP8
	}
	if len(c.Sizes) == 0 {
		c.Sizes = []image.Point{{X: 640, Y: 480}, {X: 1280, Y: 720}}
	}
	if c.Scenes == 0 {
		c.Scenes = 24
	}
	if c.PerScene == 0 {
		c.PerScene = 2
	}
	if c.Seed == 0 {
		c.Seed = scene.EvaluationSeed
	}
	if len(c.Kinds) == 0 {
		c.Kinds = slices.DeleteFunc(scene.Kinds(), func(k scene.Kind) bool { return k == scene.KindDense })
	}
	return c
}

// Row is one line of a report. Asked counts canonical questions; Varied counts those worded freely.
type Row struct {
	Question scene.QuestionKind
	Group    string // as scene.Group says
	Reliable bool   // as scene.Reliable says

	Asked, Right             int
	Varied, VariedRight      int
	BlindRight, SwappedRight int // of Asked: answered right without a picture, with another one

	// Refused counts the answers, canonical and worded freely, that call the picture a real one.
	Refused int
}

// Report is what an evaluation found, in the order of scene.QuestionKinds.
type Report struct {
	Codec  codec.VideoCodec
	Sizes  []image.Point
	Scenes int
	Rows   []Row
}

// run is one evaluation under way.
type run struct {
	Config
	model *Model
	rows  map[string]*Row
}

// Run evaluates a model. It ends with the context's error when that is cancelled.
func Run(ctx context.Context, m *Model, c Config) (*Report, error) {
	r := &run{Config: c.withDefaults(), model: m, rows: map[string]*Row{}}
	report := &Report{Codec: r.Codec, Sizes: r.Sizes}
	total := len(r.Sizes) * len(r.Kinds) * r.Scenes
	for _, size := range r.Sizes {
		camera, err := NewCamera(r.Codec, size.X, size.Y)
		if err != nil {
			return nil, err
		}
		err = r.size(ctx, camera, report, total)
		if closed := camera.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return nil, fmt.Errorf("evaluate: %w", err)
		}
	}
	for _, row := range r.rows {
		report.Rows = append(report.Rows, *row)
	}
	slices.SortFunc(report.Rows, func(a, b Row) int {
		kinds := scene.QuestionKinds()
		return cmp.Or(slices.Index(kinds, a.Question)-slices.Index(kinds, b.Question), cmp.Compare(a.Group, b.Group))
	})
	return report, nil
}

// size measures all scenes of one size. The swapped picture is the one of the scene of the same
// kind that is drawn next.
func (r *run) size(ctx context.Context, camera *Camera, report *Report, total int) error {
	for range r.Scenes {
		for _, kind := range r.Kinds {
			seed := r.Seed + uint64(report.Scenes)
			s, seen, err := r.show(ctx, camera, seed, kind)
			if err != nil {
				return err
			}
			_, other, err := r.show(ctx, camera, seed+uint64(len(r.Kinds)), kind)
			if err != nil {
				return err
			}
			if err := r.ask(ctx, s, seen, other); err != nil {
				return err
			}
			report.Scenes++
			if r.Progress != nil {
				r.Progress(report.Scenes, total)
			}
		}
	}
	return nil
}

// show draws a scene and has the model see it, and the one before it if there is one.
func (r *run) show(ctx context.Context, camera *Camera, seed uint64, kind scene.Kind) (*scene.Scene, []Sight, error) {
	s, err := r.draw(seed, scene.Options{Width: camera.size.X, Height: camera.size.Y, Kind: kind})
	if err != nil {
		return nil, nil, err
	}
	var seen []Sight
	for _, picture := range []*scene.Scene{s.Before, s} {
		if picture == nil {
			continue
		}
		features, err := r.film(ctx, camera, picture.Image)
		if err != nil {
			return nil, nil, err
		}
		seen = append(seen, Sight{Features: features})
	}
	if len(seen) > 1 {
		seen[0].Ago = s.Change.Ago
	}
	return s, seen, nil
}

// usualAgo is how old the earlier picture is where it is the same one.
const usualAgo = 3 * time.Second

func (r *run) draw(seed uint64, opt scene.Options) (*scene.Scene, error) {
	draw := scene.Draw
	if opt.Kind == scene.KindReal && r.Album != nil && seed/uint64(len(r.Kinds))%4 > 0 {
		draw = r.Album.Draw // one in four is made
	}
	s, err := draw(seed, opt)
	if err == nil && r.Earlier && s.Before == nil {
		s = s.Following(s, usualAgo)
	}
	return s, err
}

func (r *run) film(ctx context.Context, camera *Camera, picture *image.RGBA) (*vision.Features, error) {
	frame, err := camera.Film(picture)
	if err != nil {
		return nil, err
	}
	defer frame.Release()
	return r.model.See(ctx, frame)
}

// ask puts up to PerScene canonical questions of each kind, and as many in free words.
func (r *run) ask(ctx context.Context, s *scene.Scene, seen, other []Sight) error {
	for _, kind := range scene.QuestionKinds() {
		for _, qa := range r.choose(s, kind) {
			row := r.row(s, qa)
			row.Asked++
			for _, try := range []struct {
				seen  []Sight
				right *int
				count bool
			}{{seen, &row.Right, true}, {nil, &row.BlindRight, false}, {other, &row.SwappedRight, false}} {
				if err := r.judge(ctx, s, qa, try.seen, row, try.right, try.count); err != nil {
					return err
				}
			}
		}
		for _, qa := range s.Questions(s.Seed, r.PerScene, map[scene.QuestionKind]float64{kind: 1}) {
			row := r.row(s, qa)
			row.Varied++
			if err := r.judge(ctx, s, qa, seen, row, &row.VariedRight, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// choose takes canonical questions spread evenly over all of one kind.
func (r *run) choose(s *scene.Scene, kind scene.QuestionKind) []scene.QA {
	var all []scene.QA
	for _, qa := range s.QA {
		if qa.Kind == kind {
			all = append(all, qa)
		}
	}
	if kind == scene.AskIsThere {
		return r.balanced(s, all)
	}
	return spread(all, r.PerScene, s.Seed)
}

// balanced takes as many questions that are answered yes as no.
func (r *run) balanced(s *scene.Scene, all []scene.QA) []scene.QA {
	yes := slices.DeleteFunc(slices.Clone(all), func(q scene.QA) bool { return strings.HasPrefix(q.Answer, "No") })
	no := slices.DeleteFunc(slices.Clone(all), func(q scene.QA) bool { return strings.HasPrefix(q.Answer, "Yes") })
	n := (r.PerScene + 1) / 2
	return append(spread(yes, n, s.Seed), spread(no, n, s.Seed)...)
}

func spread(all []scene.QA, n int, seed uint64) []scene.QA {
	if len(all) <= n {
		return all
	}
	out := make([]scene.QA, n)
	for i := range out {
		out[i] = all[(int(seed%uint64(len(all)))+i*len(all)/n)%len(all)]
	}
	return out
}

func (r *run) row(s *scene.Scene, qa scene.QA) *Row {
	group := s.Group(qa)
	if r.rows[group] == nil {
		r.rows[group] = &Row{Question: qa.Kind, Group: group, Reliable: s.Reliable(qa)}
	}
	return r.rows[group]
}

// judge counts a right answer, and with count whether it refuses. Questions that are asked without
// a picture are asked so in every column.
func (r *run) judge(ctx context.Context, s *scene.Scene, qa scene.QA, seen []Sight, row *Row, right *int, count bool) error {
	if qa.NoPicture {
		seen = nil
	}
	answer, err := r.model.Answer(ctx, seen, qa.Question)
	if err != nil {
		return err
	}
	if count && scene.SaysReal(answer) {
		row.Refused++
	}
	if s.Check(qa, answer) {
		*right++
	} else if count && r.Wrong != nil {
		r.Wrong(s.Seed, s.Kind, qa, answer)
	}
	return nil
}

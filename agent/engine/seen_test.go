package engine_test

import (
	"fmt"
	"image/color"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
	"github.com/sensory-agent/sensory-agent/cognition/jinja"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/stream"
	"github.com/sensory-agent/sensory-agent/vision"
)

// cells is how many tokens a picture is to the calibration model.
const cells = 64

// square is a sight of one picture as the calibration model takes it.
func square(captured time.Time) *engine.Sight {
	return &engine.Sight{Captured: captured, Features: &vision.Features{Data: make([]float32, cells*192), Tokens: cells, Hidden: 192, Images: 1}}
}

// ageOf is an age that a caption says.
func ageOf(t *testing.T, caption prompt.Caption) time.Duration {
	t.Helper()
	for age := time.Duration(0); age < 2*time.Minute; age += time.Second {
		if prompt.SeenAgo(age) == caption {
			return age
		}
	}
	t.Fatalf("no age is %q", caption)
	return 0
}

// composed is a question with its pictures as the chat template of the calibration model writes it.
func composed(t *testing.T, files fs.FS, messages []prompt.Message) string {
	t.Helper()
	source, err := fs.ReadFile(files, "chat_template.jinja")
	if err != nil {
		t.Fatal(err)
	}
	template, err := jinja.Parse(string(source))
	if err != nil {
		t.Fatal(err)
	}
	var content []any
	for _, part := range messages[0].Parts {
		switch part := part.(type) {
		case prompt.Caption:
			content = append(content, jinja.NewDict("type", "text", "text", string(part)))
		case generate.Image:
			content = append(content, jinja.NewDict("type", "image"))
		default:
			t.Fatalf("a %T among the pictures", part)
		}
	}
	content = append(content, jinja.NewDict("type", "text", "text", messages[0].Text))
	text, err := template.Render(jinja.NewDict("messages", []any{jinja.NewDict("role", "user", "content", content)}, "add_generation_prompt", true))
	if err != nil {
		t.Fatal(err)
	}
	const picture = "<fake_token_around_image><global-img>"
	return strings.ReplaceAll(text, "<image>", picture+strings.Repeat("<image>", cells)+"<fake_token_around_image>")
}

// TestQuestionsAreAskedAsTheTrainerAsksThem: about one picture and about two, byte for byte and
// token for token. The trainer (Packer in models/calibration/data.py) encodes piece by piece: the
// head, each caption, the first behind a space, each picture, and the question with its end.
func TestQuestionsAreAskedAsTheTrainerAsksThem(t *testing.T) {
	files := calibration(t)
	data, err := fs.ReadFile(files, "tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	vocabulary, err := tokenizer.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	cfg := stream.DefaultConfig()
	cfg.Earlier = .5
	now := time.Now()
	picture := "<fake_token_around_image><global-img>" + strings.Repeat("<image>", cells) + "<fake_token_around_image>"
	two := 0
	for seed := scene.EvaluationSeed; seed < scene.EvaluationSeed+40; seed++ {
		record, err := stream.Example(seed, cfg)
		if err != nil {
			t.Fatal(err)
		}
		var sights []*engine.Sight
		pieces := []string{"<|im_start|>User:"}
		for i, v := range record.Views {
			captured := now
			if v.Caption != "" {
				captured = now.Add(-ageOf(t, v.Caption) - 400*time.Millisecond)
				pieces = append(pieces, strings.Repeat(" ", max(1-i, 0))+string(v.Caption))
			}
			sights, pieces = append(sights, square(captured)), append(pieces, picture)
		}
		for _, q := range record.Questions {
			if !q.Picture {
				continue
			}
			if len(sights) == 2 {
				two++
			}
			asked := append(slices.Clone(pieces), q.Question+"<end_of_utterance>\nAssistant:")
			got := composed(t, files, engine.Asked(q.Question, engine.Look(now, sights...), nil))
			if want := strings.Join(asked, ""); got != want {
				t.Fatalf("seed %d:\n%s, trained as\n%s", seed, got, want)
			}
			whole, err := vocabulary.Encode(got)
			if err != nil {
				t.Fatal(err)
			}
			var trained []int
			for _, piece := range asked {
				ids, err := vocabulary.Encode(piece)
				if err != nil {
					t.Fatal(err)
				}
				trained = append(trained, ids...)
			}
			if !slices.Equal(whole, trained) {
				t.Fatalf("seed %d: %q is tokens %v, trained as %v", seed, got, whole, trained)
			}
		}
	}
	if two < 10 {
		t.Errorf("only %d questions were about two pictures", two)
	}
}

// TestSeveralPicturesAreAgreed: as many as are wanted where the window holds them, and said; the
// eyes say which pictures those are, and a prompt leaves room for all. Models that differ in it are
// not the same; one that a window does not hold is left out, and that is said.
func TestSeveralPicturesAreAgreed(t *testing.T) {
	m := machine(t)
	wanting := func(pictures int, wait time.Duration) *engine.Models {
		t.Helper()
		loaded, err := calibrated(t, m, func(c *engine.Config) {
			c.Resolution.Sight = &model.Sight{WaitMS: wait.Milliseconds(), Pictures: pictures, SpacingMS: 1500, WithinMS: 40_000}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := loaded.Close(); err != nil {
				t.Error(err)
			}
		})
		return loaded
	}
	two := wanting(2, time.Minute)
	if s := two.Sight(); s.Pictures != 2 || s.Wanted != 0 || s.Measured == nil || s.TookMS < 1 || !strings.Contains(s.String(), "up to 2 pictures an answer, 1.5s or more apart, of the last 40s") {
		t.Errorf("%+v: %s", s, s)
	}
	if got := two.Eyes().Series(); got != (engine.Series{Pictures: 2, Spacing: 1500 * time.Millisecond, Within: 40 * time.Second}) {
		t.Errorf("%+v", got)
	}
	window := two.Generator().Window()
	more := window/cells + 1
	many := wanting(more, 0) // as large as the processor makes them, whatever they cost
	if s := many.Sight(); s.Pictures >= more || s.Pictures < window/(cells+16)-1 || s.Wanted != more || s.Measured != nil || !strings.Contains(s.String(), fmt.Sprintf("(not %d", more)) {
		t.Errorf("a window of %d: %+v: %s", window, s, s)
	}
	if many.Eyes() == two.Eyes() || many.Eyes().Same(two.Eyes()) {
		t.Error("eyes that keep other pictures are the same")
	}
	now := time.Now()
	seen := engine.Look(now, square(now.Add(-59*time.Second)), square(now))
	asked := engine.Asked("What changed?", seen, nil)
	length, err := two.Generator().PromptTokens(asked)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := two.Generator().PromptTokens(engine.Asked("What changed?", nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if held := two.SightTokens(seen.Newest()); held < length-alone || held > length-alone+16 || seen.Tokens() != 2*cells {
		t.Errorf("room for %d tokens, two pictures are %d", held, length-alone)
	}
	if _, _, err := two.Ask(t.Context(), "what do you see?", plain(color.RGBA{30, 60, 220, 255}), nil, 48); err != nil {
		t.Error(err)
	}
}

// TestWhatIsSeen: ages count from the question, a sight without a time is new, and nothing is
// nothing.
func TestWhatIsSeen(t *testing.T) {
	var none engine.Seen
	if none.Newest() != nil || none.Told(prompt.Room{}) != "" || none.Tokens() != 0 || len(engine.Beside(none, nil)) != 0 {
		t.Error("nothing is something")
	}
	now := time.Now()
	seen := engine.Look(now, square(now.Add(-90*time.Second)), square(time.Time{}), square(now.Add(time.Second)))
	var captions []string
	for _, part := range engine.Beside(seen, nil) {
		if caption, is := part.(prompt.Caption); is {
			captions = append(captions, string(caption))
		}
	}
	if fmt.Sprint(captions) != "[1 minute ago: Now: Now:]" || seen[0].Ago != 90*time.Second || seen[2].Ago != 0 {
		t.Errorf("%q, %v", captions, seen[0].Ago)
	}
	if alone := engine.Beside(seen[:1], nil); len(alone) != 1 {
		t.Errorf("a picture that is alone has %d parts", len(alone))
	}
}

package scene_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"pgregory.net/rapid"
)

var everyQuestion = func() map[scene.QuestionKind]float64 {
	all := map[scene.QuestionKind]float64{}
	for _, k := range scene.QuestionKinds() {
		all[k] = 1
	}
	return all
}()

func TestCanonicalAnswersPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		for _, q := range append(s.QA, s.Questions(s.Seed, 12, everyQuestion)...) {
			for _, answer := range []string{q.Answer, strings.ToUpper(q.Answer), "Well, " + strings.TrimSuffix(q.Answer, ".")} {
				if !s.Check(q, answer) {
					t.Fatalf("%s %q: %q is called wrong; facts %v", q.Kind, q.Question, answer, s.Facts)
				}
			}
			if s.Check(q, "") || s.Check(q, "I am not sure what you mean, sorry.") && q.Kind != scene.AskIsThere {
				t.Fatalf("%s %q: an empty answer passes", q.Kind, q.Question)
			}
		}
	})
}

func TestAnswersOfOtherPicturesFail(t *testing.T) {
	wrong, passed := 0, 0
	for seed := range uint64(300) {
		s, o := draw(t, seed, scene.Options{Width: 32, Height: 32}), draw(t, seed+5000, scene.Options{Width: 32, Height: 32})
		for _, q := range s.QA {
			for _, p := range o.QA {
				if p.Kind != q.Kind || p.Question != q.Question || sameContent(p, q) {
					continue
				}
				wrong++
				if s.Check(q, p.Answer) {
					passed++
					t.Logf("%s %q: %q passes for %q", q.Kind, q.Question, p.Answer, q.Answer)
				}
			}
		}
	}
	if passed > 0 || wrong < 1000 {
		t.Errorf("%d of %d wrong answers pass", passed, wrong)
	}
}

func sameContent(a, b scene.QA) bool {
	return a.Answer == b.Answer || a.Kind == scene.AskIsThere && a.Answer[:2] == b.Answer[:2]
}

func TestDescriptionStatesEveryFactItNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		i := slices.IndexFunc(s.QA, func(q scene.QA) bool { return q.Kind == scene.AskDescribe })
		if i < 0 {
			t.Skip("nothing to describe")
		}
		stated := s.StatedFacts(s.QA[i].Answer)
		least := map[scene.Kind]int{scene.KindQuadrants: 4, scene.KindEmoji: 2, scene.KindMixed: 2, scene.KindShapes: 3}[s.Kind]
		if len(stated) < max(least, 1) {
			t.Fatalf("%q states %v of %v", s.QA[i].Answer, stated, s.Facts)
		}
	})
}

// twoThings finds a scene with two shapes of different names and colours.
func twoThings(t *testing.T) *scene.Scene {
	t.Helper()
	for seed := range uint64(500) {
		s := draw(t, seed, scene.Options{Width: 64, Height: 48, Kind: scene.KindShapes})
		if len(s.Objects) == 2 && s.Objects[0].Colour != s.Objects[1].Colour && s.Objects[0].Position == "top left" && s.Background != "" {
			return s
		}
	}
	t.Fatal("no scene with two shapes")
	return nil
}

func TestSwappedAttributesAreWrong(t *testing.T) {
	s := twoThings(t)
	a, b := s.Objects[0], s.Objects[1]
	describe := s.QA[slices.IndexFunc(s.QA, func(q scene.QA) bool { return q.Kind == scene.AskDescribe })]
	right := []string{
		"I see a " + b.Colour + " " + b.Name + " at the " + b.Position + " and a " + a.Colour + " " + a.Name + " in the upper left corner.",
		"There is a " + a.Colour + " " + a.Name + " on the top left. The " + b.Name + " is " + b.Colour + ". The " + b.Name + " is at the " + b.Position,
	}
	for _, text := range right {
		if !s.Check(describe, text) {
			t.Errorf("%q is called wrong for %v", text, s.Facts)
		}
	}
	wrong := []string{
		"I see a " + a.Colour + " " + b.Name + " at the " + b.Position + " and a " + b.Colour + " " + a.Name + " at the top left.",
		"I see a " + a.Colour + " " + a.Name + " at the " + b.Position + " and a " + b.Colour + " " + b.Name + " at the top left.",
		"I see a " + a.Colour + " " + a.Name + " at the top left.",
		"I see a " + a.Colour + " " + a.Name + " at the top and a " + b.Colour + " " + b.Name + " at the " + b.Position + ".",
		"I do not see a " + a.Colour + " " + a.Name + " at the top left and a " + b.Colour + " " + b.Name + " at the " + b.Position,
	}
	for _, text := range wrong {
		if s.Check(describe, text) {
			t.Errorf("%q is called right for %v", text, s.Facts)
		}
	}
	if got := s.StatedFacts(wrong[0]); slices.ContainsFunc(got, func(f scene.Fact) bool { return f.Kind == scene.FactColour }) {
		t.Errorf("swapped colours state %v", got)
	}
	if got := s.StatedFacts("There is no " + a.Name + "."); len(got) != 0 {
		t.Errorf("a denial states %v", got)
	}
}

func TestSpellings(t *testing.T) {
	var s *scene.Scene
	for seed := uint64(0); s == nil; seed++ {
		if p := draw(t, seed, scene.Options{Width: 32, Height: 32, Kind: scene.KindPlain}); p.Background == "gray" {
			s = p
		}
	}
	plain := s.QA[slices.IndexFunc(s.QA, func(q scene.QA) bool { return q.Kind == scene.AskPlain })]
	for text, want := range map[string]bool{
		"It is grey.": true, "a plain GRAY picture": true, "Grey!": true, "It is blue.": false, "It is gray and blue.": false, "It is not gray.": false,
	} {
		if got := s.Check(plain, text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestQuestionsVaryAndBalance(t *testing.T) {
	yes, no := 0, 0
	forms := map[string]bool{}
	for seed := range uint64(400) {
		s := draw(t, seed, scene.Options{Width: 32, Height: 32, Kind: scene.KindShapes})
		for _, q := range s.Questions(seed, 3, map[scene.QuestionKind]float64{scene.AskIsThere: 1, scene.AskDescribe: 1}) {
			forms[q.Question] = true
			if strings.ContainsAny(q.Question, "<>%") {
				t.Fatalf("unfilled form: %q", q.Question)
			}
			switch {
			case strings.HasPrefix(q.Answer, "Yes"):
				yes++
			case strings.HasPrefix(q.Answer, "No"):
				no++
			}
		}
	}
	if yes < no*2/3 || no < yes*2/3 || len(forms) < 500 {
		t.Errorf("%d yes, %d no, %d different questions", yes, no, len(forms))
	}
}

func TestReliableQuestionsAreOfThePicture(t *testing.T) {
	groups := map[string]bool{}
	for seed := range uint64(200) {
		s := draw(t, seed, scene.Options{Width: 32, Height: 32})
		for _, qa := range s.ReliableQA() {
			groups[s.Group(qa)] = true
			if qa.NoPicture || !s.Reliable(qa) || !s.Check(qa, qa.Answer) {
				t.Errorf("seed %d: %q is no reliable question", seed, qa.Question)
			}
		}
	}
	for _, want := range []string{"at shape", "at emoji", "quadrant", "describe quadrants", "describe plain"} {
		if !groups[want] {
			t.Errorf("no picture asks %q reliably: %v", want, groups)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(uint64(1), "I see a red circle at the top left.")
	f.Add(uint64(2), "No, there's nothing; the number is 4711 – grey ’s")
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		s := draw(t, seed, scene.Options{Width: 32, Height: 32})
		for _, q := range s.QA {
			s.Check(q, text)
		}
		if got := s.StatedFacts(text); len(got) > len(s.Facts) {
			t.Errorf("%q states %d of %d facts", text, len(got), len(s.Facts))
		}
	})
}

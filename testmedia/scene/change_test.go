package scene_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// changes draws two-picture scenes until each thing that can happen was seen so often.
func changes(t *testing.T, each int) map[scene.ChangeKind][]*scene.Scene {
	t.Helper()
	seen := map[scene.ChangeKind][]*scene.Scene{}
	for seed := range uint64(120 * each) {
		s := draw(t, seed, scene.Options{Width: 96, Height: 72, Kind: scene.KindChange})
		seen[s.Change.What] = append(seen[s.Change.What], s)
		least := each
		for _, what := range []scene.ChangeKind{
			scene.ChangeAppeared, scene.ChangeGone, scene.ChangeMoved, scene.ChangeRecoloured, scene.ChangeNothing,
		} {
			least = min(least, len(seen[what]))
		}
		if least == each {
			return seen
		}
	}
	t.Fatalf("not everything happens %d times", each)
	return nil
}

func ask(t *testing.T, s *scene.Scene, kind scene.QuestionKind) scene.QA {
	t.Helper()
	i := slices.IndexFunc(s.QA, func(q scene.QA) bool { return q.Kind == kind })
	if i < 0 {
		t.Fatalf("seed %d: no question %q about a %s", s.Seed, kind, s.Kind)
	}
	return s.QA[i]
}

// without are the objects less the one that changed.
func without(s *scene.Scene, changed *scene.Object) []scene.Object {
	return slices.DeleteFunc(slices.Clone(s.Objects), func(o scene.Object) bool { return changed != nil && o == *changed })
}

func TestOneThingChangesAndNothingElse(t *testing.T) {
	for what, all := range changes(t, 12) {
		for _, s := range all {
			was, is := s.Change.Was, s.Change.Is
			if got := (was != nil); got != (what != scene.ChangeAppeared && what != scene.ChangeNothing) {
				t.Fatalf("%s: was %v", what, was)
			}
			if got := (is != nil); got != (what != scene.ChangeGone && what != scene.ChangeNothing) {
				t.Fatalf("%s: is %v", what, is)
			}
			if !slices.Equal(without(s.Before, was), without(s, is)) {
				t.Errorf("%s, seed %d: beside it %v became %v", what, s.Seed, s.Before.Objects, s.Objects)
			}
			if same := bytes.Equal(s.Image.Pix, s.Before.Image.Pix); same != (what == scene.ChangeNothing) {
				t.Errorf("%s, seed %d: the pictures are the same: %v", what, s.Seed, same)
			}
			switch what {
			case scene.ChangeMoved:
				if was.Position == is.Position || was.Colour != is.Colour || was.Name != is.Name {
					t.Errorf("seed %d: %+v moved to %+v", s.Seed, was, is)
				}
			case scene.ChangeRecoloured:
				if was.Position != is.Position || was.Colour == is.Colour || was.Colour == "" || was.Name != is.Name {
					t.Errorf("seed %d: %+v turned %+v", s.Seed, was, is)
				}
			}
			if s.Change.Ago < time.Second || s.Change.Ago > time.Minute || s.Change.Ago%time.Second != 0 {
				t.Errorf("seed %d: %v between pictures", s.Seed, s.Change.Ago)
			}
		}
	}
}

func TestAnswersOfOtherChangesAreWrong(t *testing.T) {
	wrong := 0
	all := changes(t, 8)
	for what, of := range all {
		for _, s := range of {
			q := ask(t, s, scene.AskChange)
			if !s.Check(q, q.Answer) || s.Check(q, scene.OnePicture) || s.Check(q, scene.NoImage) {
				t.Errorf("seed %d: %q is judged wrongly", s.Seed, q.Answer)
			}
			for other, them := range all {
				for _, o := range them {
					p := ask(t, o, scene.AskChange)
					if p.Answer == q.Answer {
						continue
					}
					wrong++
					if s.Check(q, p.Answer) {
						t.Errorf("%s: %q passes for %s: %q", what, p.Answer, other, q.Answer)
					}
				}
			}
		}
	}
	if wrong < 1000 {
		t.Errorf("compared %d answers only", wrong)
	}
}

func TestBeforeAndAfterAreToldApart(t *testing.T) {
	all := changes(t, 6)
	for _, s := range append(all[scene.ChangeMoved], all[scene.ChangeRecoloured]...) {
		q := ask(t, s, scene.AskChange)
		head, change, _ := strings.Cut(q.Answer, " from ")
		from, to, _ := strings.Cut(strings.TrimSuffix(change, "."), " to ")
		if back := head + " from " + to + " to " + from + "."; s.Check(q, back) {
			t.Errorf("%q passes for %q", back, q.Answer)
		}
		if s.Check(q, head+" from "+from+".") || s.Check(q, head+" to "+to+".") {
			t.Errorf("half of %q passes", q.Answer)
		}
		if other := strings.ReplaceAll(q.Answer, "the center", "the middle"); !s.Check(q, other) {
			t.Errorf("%q fails", other)
		}
	}
}

func TestWhatWasHeldUpCameOrWent(t *testing.T) {
	for what, all := range changes(t, 5) {
		for _, s := range all {
			i := slices.IndexFunc(s.QA, func(q scene.QA) bool { return q.Kind == scene.AskHeldUp })
			if asked := i >= 0; asked != (what == scene.ChangeAppeared || what == scene.ChangeGone) {
				t.Errorf("%s: asked what was held up: %v", what, asked)
			}
			if i < 0 {
				continue
			}
			thing := s.Change.Was
			if thing == nil {
				thing = s.Change.Is
			}
			if q := s.QA[i]; !strings.Contains(q.Answer, thing.Name) || !strings.Contains(q.Answer, thing.Colour) || s.Check(q, "You held up a yacht.") {
				t.Errorf("seed %d: %q of %+v", s.Seed, q.Answer, thing)
			}
		}
	}
}

func TestOrdinaryQuestionsAreAboutTheNewerPicture(t *testing.T) {
	for _, s := range changes(t, 6)[scene.ChangeGone] {
		q := ask(t, s, scene.AskDescribe)
		if strings.Contains(q.Answer, s.Change.Was.Name) || !s.Check(q, q.Answer) {
			t.Errorf("seed %d: the %s is gone: %q", s.Seed, s.Change.Was.Name, q.Answer)
		}
		if len(s.Objects) == 0 && !strings.Contains(q.Answer, "plain "+s.Background) {
			t.Errorf("seed %d: an empty picture is told as %q", s.Seed, q.Answer)
		}
		if !strings.HasPrefix(s.Group(q), "latest ") {
			t.Errorf("seed %d: %q is in the group of single pictures, %q", s.Seed, q.Question, s.Group(q))
		}
		if change := ask(t, s, scene.AskChange); s.Group(change) != "change gone" || !s.Reliable(change) {
			t.Errorf("seed %d: %q is in the group %q, reliable: %v", s.Seed, change.Question, s.Group(change), s.Reliable(change))
		}
	}
}

func TestOnePictureHasNoChange(t *testing.T) {
	s := draw(t, 3, scene.Options{Width: 64, Height: 48, Kind: scene.KindShapes})
	one := ask(t, s, scene.AskOnePicture)
	if one.Answer != scene.OnePicture || !s.Check(one, "There is only one image.") || s.Check(one, "Nothing changed.") {
		t.Errorf("%q is answered %q", one.Question, one.Answer)
	}
	still := s.Following(s, 3*time.Second)
	if got := ask(t, still, scene.AskChange); got.Answer != "Nothing changed." || still.Change.Ago != 3*time.Second {
		t.Errorf("of the same picture twice: %q", got.Answer)
	}
	other := s.Following(draw(t, 4, scene.Options{Width: 64, Height: 48, Kind: scene.KindNumber}), time.Second)
	for _, q := range append(still.QA, other.QA...) {
		if q.Kind == scene.AskOnePicture {
			t.Errorf("two pictures are called one: %q", q.Question)
		}
	}
	if slices.ContainsFunc(other.QA, func(q scene.QA) bool { return q.Kind == scene.AskChange || q.Kind == scene.AskHeldUp }) {
		t.Error("what changed between unrelated pictures is asked")
	}
	if s.Before != nil || slices.ContainsFunc(s.QA, func(q scene.QA) bool { return q.Kind == scene.AskChange }) {
		t.Error("the scene itself has changed")
	}
}

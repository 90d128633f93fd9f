package whisper

import "testing"

// The end of a clip is found by timestamps; these are the cases in which a model says everything
// again behind one.
func TestStretchRepeated(t *testing.T) {
	sentence := []int{11, 12, 13, 14, 15}
	for _, c := range []struct {
		name   string
		length float64
		left   float64
		again  []int
		want   bool
	}{
		{"no time left for it", 2, 0.8, []int{11, 12, 13}, true},
		{"too early to tell", 2, 0.8, []int{11, 12}, false},
		{"another sentence", 2, 0.8, []int{11, 12, 99}, false},
		{"really said twice", 2, 2, []int{11, 12, 13, 14, 15}, false},
		{"more behind it", 2, 0.8, []int{11, 12, 13, 14, 15, 16}, true},
	} {
		s := stretch{from: 0, to: len(sentence), seconds: c.length, left: c.left}
		if got := s.repeated(append(append([]int(nil), sentence...), c.again...)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if (stretch{}).repeated([]int{1, 2, 3}) {
		t.Error("nothing was said before")
	}
}

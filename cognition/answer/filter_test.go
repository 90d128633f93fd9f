package answer_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// shown is what a filter shows of pieces, and the filter.
func shown(m *answer.Markup, begin answer.Beginning, why prompt.Finish, pieces ...string) (string, *answer.Filter) {
	f := m.NewFilter(begin)
	var out strings.Builder
	for _, p := range pieces {
		out.WriteString(f.Push(p))
	}
	out.WriteString(f.End(why))
	return out.String(), f
}

// cuts calls do with text in one piece, byte by byte, and cut in two everywhere.
func cuts(text string, do func(pieces []string)) {
	do([]string{text})
	var bytes []string
	for i := range len(text) {
		bytes = append(bytes, text[i:i+1])
		do([]string{text[:i], text[i:]})
	}
	do(bytes)
}

func TestHonestTextStays(t *testing.T) {
	m := answer.NewMarkup("<|im_end|>", "<special>", " ", "the", "▁", "\n\n")
	for _, text := range unchanged() {
		for _, begin := range []answer.Beginning{answer.Unsure, answer.Plain, answer.Suspected} {
			cuts(text, func(pieces []string) {
				got, f := shown(m, begin, prompt.FinishEnd, pieces...)
				if got != text || !f.Visible() || f.Thought() || f.Tool() || f.Leaked() {
					t.Fatalf("begin %d, pieces %q: %q, thought %v, tool %v, leaked %v", begin, pieces, got, f.Thought(), f.Tool(), f.Leaked())
				}
			})
		}
	}
}

func TestMarksAreTakenOut(t *testing.T) {
	m := answer.NewMarkup("<special>")
	for _, c := range markedTexts() {
		for _, begin := range []answer.Beginning{answer.Unsure, answer.Plain} {
			cuts(c.text, func(pieces []string) {
				got, f := shown(m, begin, prompt.FinishEnd, pieces...)
				if got != c.want || f.Thought() != c.thought || f.Tool() != c.tool || f.Visible() != (c.want != "") || f.Leaked() {
					t.Fatalf("begin %d, pieces %q: %q, thought %v, tool %v, leaked %v; want %q, %v, %v", begin, pieces, got, f.Thought(), f.Tool(), f.Leaked(), c.want, c.thought, c.tool)
				}
			})
		}
	}
}

// An answer whose thought was opened in the prompt has the closing mark only.
func TestOnlyTheClosingMark(t *testing.T) {
	m := answer.NewMarkup()
	for _, c := range []struct {
		text    string
		begin   answer.Beginning
		why     prompt.Finish
		want    string
		thought bool
		after   answer.Beginning // what the model's habit is then
	}{
		{"Hidden thought. </think>Spoken.", answer.Unsure, prompt.FinishEnd, "Spoken.", true, answer.Suspected},
		{"Hidden `code\n</think>\nSpoken.", answer.Unsure, prompt.FinishEnd, "Spoken.", true, answer.Suspected},
		{"```\nHidden code\n</think>\nSpoken `</think>`.", answer.Unsure, prompt.FinishEnd, "Spoken `</think>`.", true, answer.Suspected},
		{"</think>\n\nSpoken.", answer.Unsure, prompt.FinishEnd, "Spoken.", true, answer.Suspected},
		{"Hidden.</think>Spoken.", answer.Suspected, prompt.FinishEnd, "Spoken.", true, answer.Suspected},
		{"Hidden.</think>Spoken.", answer.Thinking, prompt.FinishEnd, "Spoken.", true, answer.Thinking},
		{"<think>Hidden.</think>Spoken.", answer.Thinking, prompt.FinishEnd, "Spoken.", true, answer.Thinking},
		{"</think>Spoken.", answer.Thinking, prompt.FinishEnd, "Spoken.", false, answer.Thinking},
		{"Hidden and cut", answer.Thinking, prompt.FinishEnd, "", true, answer.Thinking},
		{"Hidden and cut", answer.Suspected, prompt.FinishLimit, "", true, answer.Suspected},
		{"Not hidden", answer.Suspected, prompt.FinishEnd, "Not hidden", false, answer.Suspected},
		{"Not hid", answer.Unsure, prompt.FinishLimit, "Not hid", false, answer.Unsure},
		{"Not hidden", answer.Unsure, prompt.FinishEnd, "Not hidden", false, answer.Plain},
		{"<think>x</think>Not hid", answer.Unsure, prompt.FinishLimit, "Not hid", true, answer.Plain},
		{"", answer.Thinking, prompt.FinishEnd, "", false, answer.Thinking},
		{"<|channel|>analysis<|message|>H<|end|><|channel|>final<|message|>Not hid", answer.Unsure, prompt.FinishLimit, "Not hid", true, answer.Plain},
	} {
		cuts(c.text, func(pieces []string) {
			h := answer.NewHabit(c.begin)
			got, f := shown(m, h.Begins(), c.why, pieces...)
			h.Learn(f)
			if got != c.want || f.Thought() != c.thought || h.Begins() != c.after || f.Leaked() {
				t.Fatalf("begin %d, %q: %q, thought %v, habit %d, leaked %v; want %+v", c.begin, pieces, got, f.Thought(), h.Begins(), f.Leaked(), c)
			}
		})
	}
}

// What was shown cannot be taken back: it is said, and the next answer is safe.
func TestLeakIsSaidAndLearnt(t *testing.T) {
	m, h := answer.NewMarkup(), answer.NewHabit(answer.Plain)
	got, f := shown(m, h.Begins(), prompt.FinishEnd, "Hidden.", "</think>", "Spoken.")
	if got != "Hidden. Spoken." || !f.Leaked() {
		t.Errorf("%q, leaked %v", got, f.Leaked())
	}
	h.Learn(f)
	if got, f = shown(m, h.Begins(), prompt.FinishEnd, "Hidden.", "</think>", "Spoken."); got != "Spoken." || f.Leaked() {
		t.Errorf("then %q, leaked %v", got, f.Leaked())
	}
	long := strings.Repeat("thought ", answer.HoldLimit/8+1)
	if got, f = shown(m, answer.Unsure, prompt.FinishEnd, long, "</think>", "Spoken."); !strings.HasSuffix(got, "Spoken.") || !f.Leaked() {
		t.Errorf("beyond the limit leaked is %v", f.Leaked())
	}
}

// A plain answer of a model that is known is not held back, and one with a thought streams from its
// end.
func TestNothingIsHeldBackForNothing(t *testing.T) {
	m := answer.NewMarkup()
	f := m.NewFilter(answer.Plain)
	for _, c := range [][2]string{{" It", "It"}, {" is", " is"}, {" a <", " a"}, {" b", " < b"}, {" 1[", " 1"}, {"0]", "[0]"}, {" x ", " x"}, {"<thi", ""}, {"s> y", " <this> y"}} {
		if got := f.Push(c[0]); got != c[1] {
			t.Errorf("%q shows %q, want %q", c[0], got, c[1])
		}
	}
	f = m.NewFilter(answer.Unsure)
	if got := f.Push("<think>a</think>") + f.Push("It"); got != "It" {
		t.Errorf("behind a thought: %q", got)
	}
	f = m.NewFilter(answer.Unsure)
	if got := f.Push("It is"); got != "" {
		t.Errorf("unsure: %q", got)
	}
}

// A thought in the middle of a sentence that nothing closes: the model's word for the mark, if it
// ended there by itself and soon.
func TestMarkAsAWord(t *testing.T) {
	m := answer.NewMarkup()
	for _, c := range []struct {
		text, want string
		why        prompt.Finish
		thought    bool
	}{
		{"Wrap it in <thinking> tags <|im_end|>", "Wrap it in <thinking> tags", prompt.FinishEnd, false},
		{"Wrap it in <thinking> tags", "Wrap it in", prompt.FinishLimit, true},
		{"Wrap it in <thinking> " + strings.Repeat("x", 4<<10), "Wrap it in", prompt.FinishEnd, true},
		{"Wrap it. <thinking> and", "Wrap it.", prompt.FinishEnd, true},
		{"<think>a</think>Use <think> now", "Use <think> now", prompt.FinishEnd, true},
		{"Use</think> now and <tool_call> too", "Use now and <tool_call> too", prompt.FinishEnd, true},
	} {
		cut := func(pieces []string) {
			got, f := shown(m, answer.Plain, c.why, pieces...)
			if got != c.want || f.Thought() != c.thought || f.Tool() {
				t.Fatalf("%.60q: %q, thought %v, tool %v, want %q, %v", pieces, got, f.Thought(), f.Tool(), c.want, c.thought)
			}
		}
		if len(c.text) < 1000 {
			cuts(c.text, cut)
		} else {
			cut([]string{c.text})
			cut(strings.SplitAfter(c.text, "x"))
		}
	}
}

// However much is written, a filter holds a bounded part of it.
func TestMemoryIsBounded(t *testing.T) {
	m := answer.NewMarkup()
	for _, start := range []string{"", "<think>", "text <think>", "<tool_call>", "<|channel|>", "<|im_start|>", "`", "```\n<|im_end|>", "<|", "<"} {
		for _, more := range []string{"x", " ", "`", "<", "<|", "<|im_end|>", "<|im_start|>", "<think>", "\xf0"} {
			f := m.NewFilter(answer.Unsure)
			in, out := 0, 0
			push := func(p string) { in += len(p); out += len(f.Push(p)) }
			push(start)
			lump := strings.Repeat(more, 97)
			for range answer.HoldLimit * 3 / 2 / len(lump) {
				push(lump)
			}
			if held := f.Held(); held > answer.HoldLimit+8<<10 {
				t.Errorf("%q and many %q: holds %d bytes of %d, gave %d", start, more, held, in, out)
			}
		}
	}
}

// FuzzFilter cuts any text anywhere: the result is the same, valid, and no longer than what went in
// but for spaces at seams.
func FuzzFilter(f *testing.F) {
	for _, c := range markedTexts() {
		f.Add(c.text, uint8(3), uint8(0), true)
	}
	for _, text := range unchanged() {
		f.Add(text, uint8(1), uint8(1), false)
	}
	m := answer.NewMarkup("<special>", "[END]")
	f.Fuzz(func(t *testing.T, text string, step, begin uint8, whole bool) {
		text = strings.ToValidUTF8(text, "�")
		b, why := answer.Beginning(begin%4), prompt.FinishLimit
		if whole {
			why = prompt.FinishEnd
		}
		want, wf := shown(m, b, why, text)
		var pieces []string
		for rest := text; rest != ""; {
			n := min(len(rest), 1+int(step)%7)
			pieces, rest = append(pieces, rest[:n]), rest[n:]
			step = step*31 + 7
		}
		got, gf := shown(m, b, why, pieces...)
		if got != want || gf.Thought() != wf.Thought() || gf.Tool() != wf.Tool() || gf.Leaked() != wf.Leaked() {
			t.Fatalf("in one piece %q, in %q %q", want, pieces, got)
		}
		if !utf8.ValidString(got) || got != strings.TrimSpace(got) || gf.Visible() != (got != "") {
			t.Errorf("%q", got)
		}
		kept := slices.Collect(strings.FieldsSeq(got))
		if letters := strings.Join(kept, ""); !subsequence(letters, text) {
			t.Errorf("%q is not part of %q", letters, text)
		}
	})
}

// subsequence tells whether the characters of part stand in whole in this order.
func subsequence(part, whole string) bool {
	rest := []rune(part)
	for _, r := range whole {
		if len(rest) > 0 && rest[0] == r {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

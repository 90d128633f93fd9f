package spoken_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/tts/spoken"
)

// values are the words of numbers below one hundred, and of the scales.
func values() map[string]int64 {
	v := map[string]int64{
		"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
		"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	}
	for i, w := range strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen") {
		v[w] = int64(i)
	}
	return v
}

// heard reads the words of a number as a listener does: "minus two hundred one point five" is
// -201.5. It knows nothing of how they were made.
func heard(words string) (*big.Rat, error) {
	value, sign, rest := values(), int64(1), strings.Fields(strings.ReplaceAll(words, "-", " "))
	if len(rest) > 0 && rest[0] == "minus" {
		sign, rest = -1, rest[1:]
	}
	var total, current int64
	count := 0
	for len(rest) > 0 && rest[0] != "point" {
		n, ok := value[rest[0]]
		switch {
		case !ok:
			return nil, fmt.Errorf("%q in %q is no number", rest[0], words)
		case n == 100:
			current *= 100
		case n >= 1000:
			total += current * n
			current = 0
		default:
			current += n
		}
		count++
		rest = rest[1:]
	}
	out := new(big.Rat).SetInt64(total + current)
	if count == 0 && len(rest) < 2 {
		return nil, fmt.Errorf("%q has no number", words)
	}
	if len(rest) > 0 {
		place := new(big.Rat).SetInt64(1)
		for _, w := range rest[1:] {
			n, ok := value[w]
			if !ok || n > 9 {
				return nil, fmt.Errorf("%q behind the point of %q is no digit", w, words)
			}
			place.Quo(place, new(big.Rat).SetInt64(10))
			out.Add(out, new(big.Rat).Mul(place, new(big.Rat).SetInt64(n)))
		}
	}
	return out.Mul(out, new(big.Rat).SetInt64(sign)), nil
}

// written is a number as somebody writes it, and its value.
type written struct {
	text  string
	value *big.Rat
}

// drawNumber draws a number in one of the forms in which numbers are written.
func drawNumber(t *rapid.T, label string, signed bool) written {
	n := rapid.OneOf(rapid.Int64Range(0, 1099), rapid.Int64Range(0, 999_999_999_999)).Draw(t, label)
	digits := fmt.Sprint(n)
	exact := digits
	if rapid.Bool().Draw(t, label+" thousands") {
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + "," + digits[i:]
		}
	}
	if rapid.IntRange(0, 2).Draw(t, label+" decimal") == 0 {
		part := rapid.StringMatching(`[0-9]{1,3}`).Draw(t, label+" part")
		digits, exact = digits+"."+part, exact+"."+part
	}
	sign := ""
	if signed {
		sign = rapid.SampledFrom([]string{"", "", "-", "−"}).Draw(t, label+" sign")
	}
	value, ok := new(big.Rat).SetString(exact)
	if !ok {
		t.Fatalf("%q is no number", exact)
	}
	if sign != "" {
		value.Neg(value)
	}
	return written{sign + digits, value}
}

// sameNumber fails where words do not mean the number that was written.
func sameNumber(t *rapid.T, said, words string, want written) {
	got, err := heard(words)
	if err != nil {
		t.Fatalf("%q: %v", said, err)
	}
	if got.Cmp(want.value) != 0 {
		t.Fatalf("%q was said as %q, which is %s", want.text, words, got.FloatString(4))
	}
}

func TestNumbersKeepTheirValueAndSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNumber(t, "n", true)
		before := rapid.SampledFrom([]string{"", "the value ", "It is ", "(", "about: "}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", ".", "!", " apples", ")"}).Draw(t, "after")
		if year := n.value.IsInt() && len(n.text) == 4 && n.text >= "1100" && n.text < "2100"; year {
			t.Skip("may be said as a year")
		}
		text := before + n.text + after
		said := spoken.English(text).Text
		words := strings.Trim(strings.TrimSuffix(strings.TrimRight(said, ".!"), " apples"), ", ")
		words = strings.TrimPrefix(words, strings.TrimSpace(spoken.English(before).Text))
		sameNumber(t, text+" as "+said, strings.TrimLeft(words, ",: "), n)
	})
}

func TestComparisonsKeepTheirDirection(t *testing.T) {
	relations := map[string]string{
		"<": "less than", ">": "greater than", "<=": "less than or equal to", ">=": "greater than or equal to", "≤": "less than or equal to",
		"≥": "greater than or equal to", "!=": "not equal to", "≠": "not equal to", "=": "equals", "==": "equals", "===": "equals", "!==": "not equal to",
		"≈": "approximately", "<>": "not equal to", "&lt;": "less than", "&gt;=": "greater than or equal to", "\\leq": "less than or equal to",
	}
	signs := []string{"<", ">", "<=", ">=", "≤", "≥", "!=", "≠", "=", "==", "===", "!==", "≈", "<>", "&lt;", "&gt;=", "\\leq"}
	rapid.Check(t, func(t *rapid.T) {
		left, right := drawNumber(t, "left", true), drawNumber(t, "right", true)
		sign := rapid.SampledFrom(signs).Draw(t, "sign")
		space := rapid.SampledFrom([]string{" ", ""}).Draw(t, "space")
		behind := space
		if sign[0] == '\\' {
			behind = " "
		}
		wrap := rapid.SampledFrom([]string{"%s", "Note: %s.", "`%s`", "**%s**", "- %s", "| %s | yes |"}).Draw(t, "wrap")
		text := fmt.Sprintf(wrap, left.text+space+sign+behind+right.text)
		said := spoken.English(text).Text
		l, r, ok := strings.Cut(said, " "+relations[sign]+" ")
		if !ok {
			t.Fatalf("%q said as %q has no %q", text, said, relations[sign])
		}
		l = strings.TrimSuffix(strings.TrimPrefix(l, "Note: "), " is")
		r = strings.TrimSuffix(strings.TrimSuffix(r, "."), ", yes")
		sameNumber(t, text+" as "+said, l, left)
		sameNumber(t, text+" as "+said, r, right)
	})
}

func TestSumsKeepTheirSigns(t *testing.T) {
	operators := map[string]string{"+": "plus", "-": "minus", "−": "minus", "*": "times", "×": "times", "÷": "divided by", "±": "plus or minus", "⋅": "times"}
	signs := []string{"+", "-", "−", "*", "×", "÷", "±", "⋅"}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawNumber(t, "a", true), drawNumber(t, "b", false), drawNumber(t, "c", true)
		sign := rapid.SampledFrom(signs).Draw(t, "sign")
		space := rapid.SampledFrom([]string{" ", ""}).Draw(t, "space")
		equals := rapid.SampledFrom([]string{" = ", "="}).Draw(t, "equals")
		text := a.text + space + sign + space + b.text + equals + c.text
		said := spoken.English(text).Text
		sum, result, ok := strings.Cut(said, " equals ")
		if !ok {
			t.Fatalf("%q said as %q", text, said)
		}
		at := strings.LastIndex(sum, " "+operators[sign]+" ")
		if at < 0 {
			t.Fatalf("%q said as %q has no %q", text, said, operators[sign])
		}
		sameNumber(t, text+" as "+said, sum[:at], a)
		sameNumber(t, text+" as "+said, sum[at+len(operators[sign])+2:], b)
		sameNumber(t, text+" as "+said, result, c)
	})
}

func TestAmountsKeepEveryCent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(1, 99_999_999).Draw(t, "cents")
		sign := rapid.SampledFrom([]string{"", "-", "−"}).Draw(t, "sign")
		wrap := rapid.SampledFrom([]string{"%s", "It costs %s.", "**%s**", "(%s)", "%s, please"}).Draw(t, "wrap")
		text := fmt.Sprintf(wrap, fmt.Sprintf("%s$%d.%02d", sign, cents/100, cents%100))
		said := spoken.English(text).Text
		words := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(said, "It costs "), "."), ", please")
		var total int64
		minus := strings.HasPrefix(words, "minus ")
		for part := range strings.SplitSeq(strings.TrimPrefix(words, "minus "), " and ") {
			at := strings.LastIndexByte(part, ' ')
			n, err := heard(part[:max(at, 0)])
			if err != nil {
				t.Fatalf("%q said as %q: %v", text, said, err)
			}
			switch part[at+1:] {
			case "dollar", "dollars":
				total += 100 * n.Num().Int64()
			case "cent", "cents":
				total += n.Num().Int64()
			default:
				t.Fatalf("%q said as %q", text, said)
			}
		}
		if total != cents || minus != (sign != "") {
			t.Fatalf("%q said as %q, which is %d cents", text, said, total)
		}
	})
}

// What a text denies it denies aloud, whatever marks stand around it.
func TestNegationsStay(t *testing.T) {
	denials := map[string]string{
		"not": "not", "never": "never", "no": "no", "don't": "don't", "isn’t": "isn't", "cannot": "cannot", "can't": "can't", "without": "without", "w/o": "without",
		"none": "none", "neither": "neither", "nor": "nor", "!ready": "not ready", "`!done`": "not done", "unless": "unless", "¬p": "not p", "non-zero": "non-zero",
	}
	written := make([]string, 0, len(denials))
	for w := range denials {
		written = append(written, w)
	}
	wraps := []string{"%s", "**%s**", "_%s_", "(%s)", "\"%s\"", "# x %s", "- %s", "<b>%s</b>", "%s,", "%s.", "😀 %s", "> %s"}
	rapid.Check(t, func(t *rapid.T) {
		var text, want []string
		for range rapid.IntRange(1, 6).Draw(t, "words") {
			if rapid.Bool().Draw(t, "plain") {
				w := rapid.SampledFrom([]string{"this", "is", "five", "x", "done", "good", "$3", "a/b"}).Draw(t, "word")
				text = append(text, w)
				continue
			}
			w := rapid.SampledFrom(written).Draw(t, "denial")
			text = append(text, fmt.Sprintf(rapid.SampledFrom(wraps).Draw(t, "wrap"), w))
			want = append(want, denials[w])
		}
		said := spoken.English(strings.Join(text, " ")).Text
		rest := said
		for _, w := range want {
			_, after, ok := strings.Cut(rest, w)
			if !ok {
				t.Fatalf("%q said as %q lost %q", text, said, w)
			}
			rest = after
		}
	})
}

// wordsOf leaves punctuation out.
func wordsOf(said string) string {
	return strings.Join(strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(" .,;:!?", r) }), " ")
}

func FuzzEnglish(f *testing.F) {
	for _, l := range table(f) {
		f.Add(l.text)
	}
	f.Add("a\xff\xfe<b \x00 [[x]] ~~~\n- 1 - 2\n")
	f.Add(strings.Repeat("1-", 100))
	f.Fuzz(func(t *testing.T, text string) {
		said := spoken.English(text).Text
		if said != "" && !spoken.HasWords(said) {
			t.Errorf("%q has no words", said)
		}
		if !speakable(said) {
			t.Errorf("%q -> %q holds what may not be spoken", text, said)
		}
		if len(said) > 24*len(text)+64 {
			t.Errorf("%d bytes became %d", len(text), len(said))
		}
		// What is spoken is plain: said again it has the same words.
		if again := spoken.English(said).Text; wordsOf(again) != wordsOf(said) {
			t.Errorf("%q is said as %q, and that as %q", text, said, again)
		}
	})
}

func FuzzMarks(f *testing.F) {
	for _, l := range table(f) {
		f.Add(l.text)
	}
	f.Add("**Привет** <b>мир</b> 5 € 😀 [ссылка](https://a.b/c)")
	f.Fuzz(func(t *testing.T, text string) {
		said := spoken.Marks(text)
		if strings.ContainsAny(said, "*`_\"[]{}|\\\n\t") || strings.Contains(said, "  ") || len(said) > 2*len(text)+64 {
			t.Errorf("%q -> %q", text, said)
		}
	})
}

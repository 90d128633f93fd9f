package printable_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/internal/printable"
)

func TestWhatIsNotSeenIsEscaped(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "Ada Lovelace, 36", "Ada Lovelace, 36"},
		{"scripts", "Żółć 東京 العربية हिन्दी ελληνικά e\u0301", "Żółć 東京 العربية हिन्दी ελληνικά e\u0301"},
		{"emoji", "👩\u200d🚀 ❤\ufe0f 🇵🇱", "👩\u200d🚀 ❤\ufe0f 🇵🇱"},
		{"Persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"spaces", "a\u00a0b\u3000c", "a\u00a0b\u3000c"},
		{"backslash", `C:\new`, `C:\new`},
		{"escape sequence", "\x1b[2Jada\x1b]0;title\a", `\u001b[2Jada\u001b]0;title\u0007`},
		{"lines", "ada\r\nerror:\tforged", `ada\r\nerror:\tforged`},
		{"zero and delete", "a\x00b\x7f", `a\u0000b\u007f`},
		{"C1", "\u009b31m\u0085\u0080", `\u009b31m\u0085\u0080`},
		{"turned around", "a\u202eb\u2066c\u200fd\u061c", `a\u202eb\u2066c\u200fd\u061c`},
		{"separators", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"invisible", "a\u200bb\ufeffc\u2060d\u00ad", `a\u200bb\ufeffc\u2060d\u00ad`},
		{"tags", "a\U000e0041", `a\udb40\udc41`},
		{"private and unassigned", "\ue000\U0010ffff\u0378", `\ue000\udbff\udfff\u0378`},
		{"broken", "a\xffb\xc3", `a\ufffdb\ufffd`},
		{"a replacement character of its own", "a\ufffd", "a\ufffd"},
		{"none", "", ""},
	} {
		if got := printable.Text(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLongTextIsCutBetweenCharacters(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"ada", 3, "ada"},
		{"ada\n", 3, "ada… (1 bytes more)"},
		{"a東京", 3, "a… (6 bytes more)"},
		{"a東京", 4, "a東… (3 bytes more)"},
		{"\x1bab", 1, `\u001b… (2 bytes more)`},
		{"ab", 0, "… (2 bytes more)"},
		{"ab", -1, "… (2 bytes more)"},
		{"\x80\x80\x80", 2, "… (3 bytes more)"},
	} {
		if got := printable.Cut(c.text, c.limit); got != c.want {
			t.Errorf("%q to %d: %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestFurtherLinesAreSetIn(t *testing.T) {
	if got := printable.Lines("first\nerror: forged\x1b\n\nlast\r"); got != "first\n  error: forged\\u001b\n  \n  last\\r" {
		t.Errorf("%q", got)
	}
}

// slow passes on what it gets and remembers how it came.
type slow struct {
	buf    bytes.Buffer
	writes int
	err    error
}

func (s *slow) String() string { return s.buf.String() }

func (s *slow) Write(p []byte) (int, error) {
	s.writes++
	if s.err != nil {
		return 0, s.err
	}
	return s.buf.Write(p)
}

func TestWriterEscapesAcrossWrites(t *testing.T) {
	text := "ada\tsays\n\u202e東京\x1b[0m\u009b\n"
	want := "ada\tsays\n\\u202e東京\\u001b[0m\\u009b\n"
	for size := 1; size <= len(text); size++ {
		var to slow
		w := printable.NewWriter(&to)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if got, err := w.Write([]byte(rest[:n])); got != n || err != nil {
				t.Fatalf("wrote %d of %d, %v", got, n, err)
			}
			rest = rest[n:]
		}
		if diff := cmp.Diff(want, to.String()); diff != "" {
			t.Fatalf("pieces of %d: %s", size, diff)
		}
		if limit := (len(text) + size - 1) / size; to.writes > limit {
			t.Errorf("pieces of %d: %d writes became %d", size, limit, to.writes)
		}
	}
	broken := errors.New("gone")
	if n, err := printable.NewWriter(&slow{err: broken}).Write([]byte("a")); n != 0 || !errors.Is(err, broken) {
		t.Errorf("a broken destination: %d, %v", n, err)
	}
}

func TestBrokenCharactersAreNotKeptForEver(t *testing.T) {
	var to slow
	w := printable.NewWriter(&to)
	for _, p := range []string{"a\xe6", "b", "\xf0\x9f", "\x92\xa9", "\xf0\x9f\n"} {
		if _, err := w.Write([]byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if got := to.String(); got != "a\\ufffdb💩\\ufffd\\ufffd\n" {
		t.Errorf("%q", got)
	}
}

// FuzzJSON: a JSON document that went through the writer means the same and shows nothing that
// Shown refuses; Text never shows it either.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{"ada", "\x1b[2J\u009b\u202e\n", "\U000e0041\xff", "\\u202e"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, size int) {
		if got := printable.Text(s); strings.ContainsFunc(got, func(r rune) bool { return !printable.Shown(r) }) || !utf8.ValidString(got) || strings.Contains(got, "\n") {
			t.Fatalf("%q shows %q", s, got)
		}
		line, err := json.Marshal(map[string]string{"text": s})
		if err != nil {
			t.Fatal(err)
		}
		var to bytes.Buffer
		w := printable.NewWriter(&to)
		for rest := append(line, '\n'); len(rest) > 0; {
			n := min(max(size, 1), len(rest))
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if shown := strings.TrimSuffix(to.String(), "\n"); strings.ContainsFunc(shown, func(r rune) bool { return !printable.Shown(r) }) {
			t.Fatalf("%q shows %q", s, shown)
		}
		var plain, through map[string]string
		if json.Unmarshal(line, &plain) != nil || json.Unmarshal(to.Bytes(), &through) != nil || plain["text"] != through["text"] {
			t.Fatalf("%q became %q", plain, through)
		}
	})
}

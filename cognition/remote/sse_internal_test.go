package remote

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readAll lists "name|data" of every event, and the error that ended the stream.
func readAll(r io.Reader) (events []string, err error) {
	in := newEventReader(r)
	for {
		e, err := in.next()
		if err != nil {
			return events, err
		}
		events = append(events, e.name+"|"+string(e.data))
	}
}

func TestEvents(t *testing.T) {
	for in, want := range map[string][]string{
		"data: a\n\ndata:b\n\n":                  {"|a", "|b"},
		"data: a\r\n\r\ndata: b\r\rdata: c\n\n":  {"|a", "|b", "|c"},
		"data: a\r\n\rdata: b\n\n":               {"|a", "|b"},
		"data: one\ndata: two\n\n":               {"|one\ntwo"},
		"data:  two spaces\n\n":                  {"| two spaces"},
		"\xef\xbb\xbfdata: mark\n\n":             {"|mark"},
		": comment\n\n: another\ndata: x\n\n":    {"|x"},
		"event: error\ndata: x\n\ndata: y\n\n":   {"error|x", "|y"},
		"event: nothing\n\ndata: y\n\n":          {"|y"},
		"id: 1\nretry: 5\ndata: x\nfoo: bar\n\n": {"|x"},
		"data\n\n":                               {"|"},
		"data\ndata\n\n":                         {"|\n"},
		"data: {\"a\": \"b: c\"}\n\n":            {"|{\"a\": \"b: c\"}"},
		"error: {\"code\":500}\n\n":              {"error|{\"code\":500}"},
		"\n\n\ndata: x\n\n":                      {"|x"},
		"":                                       nil,
	} {
		got, err := readAll(strings.NewReader(in))
		if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, io.EOF) {
			t.Errorf("%q: %v\n%s", in, err, diff)
		}
	}
	for _, in := range []string{"data: a", "data: a\n", "event: x\n", "data: a\n\ndata: b\n", "da"} {
		if _, err := readAll(strings.NewReader(in)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q ends with %v", in, err)
		}
	}
}

func TestEventLimits(t *testing.T) {
	many := strings.Repeat("data: "+strings.Repeat("x", maxEvent/4)+"\n", 5) + "\n"
	for name, in := range map[string]string{"line": ": " + strings.Repeat("x", maxEvent), "joined lines": many} {
		if _, err := readAll(strings.NewReader(in)); !errors.Is(err, errEventSize) {
			t.Errorf("%s: %v", name, err)
		}
	}
	endless := newEventReader(strings.NewReader(": x\n\n"))
	endless.read = maxStream - 2
	if _, err := endless.next(); !errors.Is(err, errStreamSize) {
		t.Errorf("stream: %v", err)
	}
}

// The way a stream is cut into packets does not matter, events hold no line ends but LF between
// data lines, and nothing grows beyond its limits.
func FuzzEvents(f *testing.F) {
	for _, s := range []string{
		"data: a\n\n", "\xef\xbb\xbfdata: a\r\n\r\n", "event: error\rdata: x\r\r", ": c\n\ndata", "data: [DONE]\n\n", "error: {}\n\n", "data:\x00\xff\n\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		whole, err := readAll(strings.NewReader(in))
		slow, slowErr := readAll(iotest.OneByteReader(strings.NewReader(in)))
		if diff := cmp.Diff(whole, slow); diff != "" || !errors.Is(slowErr, err) {
			t.Fatalf("by bytes %v, at once %v\n%s", slowErr, err, diff)
		}
		total := 0
		for _, e := range whole {
			if strings.Contains(e, "\r") {
				t.Errorf("line end in %q", e)
			}
			total += len(e)
		}
		if total > len(in)+len(whole) {
			t.Errorf("%d bytes of events in %d bytes", total, len(in))
		}
		// Line ends are interchangeable.
		if !strings.Contains(in, "\r") {
			other, _ := readAll(strings.NewReader(strings.ReplaceAll(in, "\n", "\r\n")))
			if diff := cmp.Diff(whole, other); diff != "" {
				t.Errorf("with CR LF: %s", diff)
			}
		}
	})
}

// FuzzFault feeds what servers say of an error: a key never comes out.
func FuzzFault(f *testing.F) {
	for _, s := range []string{`{"error":{"message":"x","code":404}}`, `{"error":"x"}`, `{"object":"error","message":"m"}`, `{"detail":[{"loc":1}]}`, `{"error":null}`, `[`, `{"error":7}`} {
		f.Add([]byte(s), "key")
	}
	c := &Client{secrets: secrets{"sk-1234567890"}}
	f.Fuzz(func(t *testing.T, body []byte, extra string) {
		said, _ := readFault(append(body, extra...))
		said.Message += "sk-1234567890" + extra
		text := c.words(said.Message, body)
		if strings.Contains(text, "sk-1234567890") || len([]rune(text)) > maxWords+1 || strings.ContainsAny(text, "\n\r\x1b\x00") {
			t.Errorf("%q", text)
		}
	})
}

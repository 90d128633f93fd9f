package tokenizer_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
)

func TestParseNamesTheField(t *testing.T) {
	const vocab = `"vocab":{"a":0,"b":1,"ab":2}`
	for _, c := range []struct {
		file, field string
		kind        error
	}{
		{``, "file", tokenizer.ErrFormat},
		{`{"model":`, "file", tokenizer.ErrFormat},
		{`{}`, "model", tokenizer.ErrFormat},
		{`{"model":{"type":"BPE"}}`, "model.vocab", tokenizer.ErrFormat},
		{`{"model":{"type":"Unigram",` + vocab + `}}`, "model.type", tokenizer.ErrUnsupported},
		{`{"model":{"type":"BPE","vocab":{"a":-1}}}`, "model.vocab", tokenizer.ErrFormat},
		{`{"model":{"type":"BPE","vocab":{"a":0,"b":0}}}`, "model.vocab", tokenizer.ErrFormat},
		{`{"model":{"type":"BPE","vocab":{"a":900000}}}`, "model.vocab", tokenizer.ErrFormat},
		{`{"model":{"type":"BPE",` + vocab + `,"merges":["a b","a c"]}}`, "model.merges[1]", tokenizer.ErrFormat},
		{`{"model":{"type":"BPE",` + vocab + `,"merges":[["a"]]}}`, "model", tokenizer.ErrFormat},
		{`{"model":{"type":"BPE",` + vocab + `,"merges":["a b c"]}}`, "model", tokenizer.ErrFormat},
		{`{"model":{"type":"BPE",` + vocab + `,"dropout":0.1}}`, "model.dropout", tokenizer.ErrUnsupported},
		{`{"model":{"type":"BPE",` + vocab + `,"end_of_word_suffix":"</w>"}}`, "model.end_of_word_suffix", tokenizer.ErrUnsupported},
		{`{"model":{"type":"BPE",` + vocab + `,"continuing_subword_prefix":"##"}}`, "model.continuing_subword_prefix", tokenizer.ErrUnsupported},
		{`{"model":{"type":"BPE",` + vocab + `,"unk_token":"?"}}`, "model.unk_token", tokenizer.ErrFormat},
		{`{"model":{` + vocab + `},"normalizer":{"type":"Precompiled"}}`, "normalizer.type", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{}]}}`, "normalizer.normalizers[1].type", tokenizer.ErrFormat},
		{`{"model":{` + vocab + `},"pre_tokenizer":{"type":"Metaspace"}}`, "pre_tokenizer.type", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"x"}]}}`, "pre_tokenizer.pretokenizers[1].type", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"pre_tokenizer":{"type":"Split","behavior":"Isolated","pattern":{"Regex":"[a-z]"}}}`, "pre_tokenizer.pattern.Regex", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"pre_tokenizer":{"type":"Split","behavior":"Removed","pattern":{"String":"a"}}}`, "pre_tokenizer.behavior", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"decoder":{"type":"WordPiece"}}`, "decoder.type", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Strip"}]}}`, "decoder.decoders[1].type", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"decoder":{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"ByteFallback"}]}}`, "decoder.decoders[1].type", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"decoder":{"type":"Sequence","decoders":[null]}}`, "decoder.decoders[0]", tokenizer.ErrFormat},
		{`{"model":{` + vocab + `},"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"_"}}]}}`, "decoder.decoders[0].content", tokenizer.ErrFormat},
		{`{"model":{` + vocab + `},"normalizer":{"type":"Replace","pattern":{"Regex":" +"},"content":"_"}}`, "normalizer.pattern.Regex", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"normalizer":{"type":"Replace","pattern":{"String":""},"content":"_"}}`, "normalizer.pattern", tokenizer.ErrFormat},
		{`{"model":{` + vocab + `},"pre_tokenizer":{"type":"Split","behavior":"MergedWithPrevious","pattern":{"Regex":" "}}}`, "pre_tokenizer.behavior", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"pre_tokenizer":{"type":"Split","behavior":"MergedWithNext","pattern":{"String":" "}}}`, "pre_tokenizer.behavior", tokenizer.ErrUnsupported},
		{`{"model":{` + vocab + `},"added_tokens":[{"id":7,"content":"<x>"}]}`, "added_tokens[0].id", tokenizer.ErrFormat},
	} {
		_, err := tokenizer.Parse([]byte(c.file))
		var fe *tokenizer.FieldError
		if !errors.As(err, &fe) || fe.Field != c.field || !errors.Is(err, c.kind) {
			t.Errorf("%s: got %v, want %v in %s", c.file, err, c.kind, c.field)
		}
	}
}

func TestUnknownWords(t *testing.T) {
	tok, err := tokenizer.Parse([]byte(`{"model":{"type":"WordLevel","vocab":{"a":0}},"pre_tokenizer":{"type":"WhitespaceSplit"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if ids, err := tok.Encode(" a  a "); err != nil || len(ids) != 2 {
		t.Errorf("got %v, %v", ids, err)
	}
	if _, err := tok.Encode("a b"); !errors.Is(err, tokenizer.ErrUnknownWord) || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("got %v, want ErrUnknownWord that names b", err)
	}
	if _, err := tok.Decode([]int{0, 1}, false); !errors.Is(err, tokenizer.ErrTokenID) {
		t.Errorf("got %v, want ErrTokenID", err)
	}
}

func TestGuards(t *testing.T) {
	tok := parse(t, "bytelevel")
	text := "x<image>y<image>"
	image, ok := tok.ID("<image>")
	if !ok || !tok.Special(image) {
		t.Fatal("the tokenizer has no special token <image>")
	}
	count := func(ids []int) (n int) {
		for _, id := range ids {
			if id == image {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		guards []int
		want   int
	}{{nil, 2}, {[]int{2}, 1}, {[]int{1, 8, 9, 16}, 2}, {[]int{2, 10}, 0}, {[]int{7, 15}, 0}} {
		ids, err := tok.EncodeGuarded(text, c.guards)
		if err != nil || count(ids) != c.want {
			t.Errorf("guards %v: %d image tokens, want %d (%v)", c.guards, count(ids), c.want, err)
		}
		if back, err := tok.Decode(ids, true); err != nil || back != text {
			t.Errorf("guards %v: decoded %q (%v)", c.guards, back, err)
		}
	}
	if found := tok.AddedIn(text); len(found) != 2 || found[0] != [2]int{1, 8} || found[1] != [2]int{9, 16} {
		t.Errorf("added tokens at %v", found)
	}
	if _, err := tok.EncodeGuarded("\xff", []int{1}); !errors.Is(err, tokenizer.ErrText) {
		t.Errorf("invalid text with guards: %v", err)
	}
}

func TestBrokenCharacters(t *testing.T) {
	for _, c := range []struct {
		raw              string
		valid            string
		complete, broken int
	}{
		{"é", "é", 2, 0},
		{"\xc3", "\uFFFD", 0, 0},
		{"\xe2\x82", "\uFFFD", 0, 0},
		{"\xe2\x82a", "\uFFFDa", 0, 2},
		{"\xf0\x9f\x98", "\uFFFD", 0, 0},
		{"\xff\xff", "\uFFFD\uFFFD", 0, 1},
		{"ab\xe2\x28", "ab\uFFFD(", 2, 1},
		{"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD", 0, 1},
	} {
		raw := []byte(c.raw)
		n := tokenizer.Complete(raw)
		if got := tokenizer.Valid(raw); got != c.valid || n != c.complete {
			t.Errorf("%q: valid %q, complete %d; want %q, %d", c.raw, got, n, c.valid, c.complete)
		}
		if got := tokenizer.Broken(raw[n:]); n < len(raw) && got != min(c.broken, 2) {
			t.Errorf("%q: broken %d, want %d", c.raw, got, c.broken)
		}
	}
}

// FuzzParse reads arbitrary files and encodes with those that are accepted.
func FuzzParse(f *testing.F) {
	f.Add(`{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]},"added_tokens":[{"id":3,"content":"<x>"}]}`, "ab<x>a")
	f.Add(`{"model":{"type":"WordLevel","vocab":{"a":0}},"pre_tokenizer":{"type":"Whitespace"},"normalizer":{"type":"NFKD"}}`, "a a")
	f.Add(`{"model":{"vocab":{"a":0}},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"ByteLevel"}]},"decoder":{"type":"ByteLevel"}}`, "1 2")
	f.Add(`{"model":{"vocab":{"a":0,"_":1,"<0xC3>":2,"<0xA9>":3},"byte_fallback":true},"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"_"},"pre_tokenizer":{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious"},"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"_"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}]}}`, "a é")
	f.Fuzz(func(t *testing.T, file, text string) {
		tok, err := tokenizer.Parse([]byte(file))
		if err != nil {
			var fe *tokenizer.FieldError
			if !errors.As(err, &fe) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		ids, err := tok.Encode(text)
		if err != nil {
			return
		}
		back, err := tok.Decode(ids, true)
		if err != nil || !utf8.ValidString(back) {
			t.Fatalf("%q: decode of %v: %q, %v", text, ids, back, err)
		}
	})
}

// FuzzEncode checks that byte-level text survives encoding and decoding.
func FuzzEncode(f *testing.F) {
	tok := parse(f, "bytelevel")
	f.Add("what do you see? <image>\n\t 12\xff")
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := tok.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		back, err := tok.Decode(ids, true)
		if err != nil || back != tokenizer.Valid([]byte(text)) {
			t.Fatalf("%q became %q (%v)", text, back, err)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	tok := parse(b, "bytelevel")
	text := strings.Repeat("what color is the circle at the top left? ", 8)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tok.Encode(text); err != nil {
			b.Fatal(err)
		}
	}
}

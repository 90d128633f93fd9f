package script

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// codec reads or writes the words of one line. Each event names its fields once, for both
// directions.
//
// Words stand in the order of the fields; what is often empty is written as name=value, a flag as
// its name alone, behind them.
type codec struct {
	out []byte // written so far

	reading bool
	words   []word // not read yet
	problem string // the first
}

// word is a part of a line. Plain words, and the names of name=value, stand without quotes.
type word struct {
	key   string // of key=value
	text  string
	plain bool
}

func (c *codec) fail(format string, args ...any) {
	if c.problem == "" {
		c.problem = fmt.Sprintf(format, args...)
	}
}

// plain reports whether a word can stand without quotes.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !letter && !strings.ContainsRune("_-./:#+@", rune(c)) {
			return false
		}
	}
	return s != ""
}

func appendWord(out []byte, s string) []byte {
	if plain(s) {
		return append(out, s...)
	}
	return strconv.AppendQuote(out, s)
}

// split cuts a line into its words.
func split(line string) ([]word, error) {
	var out []word
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			return out, nil
		}
		var w word
		if end := strings.IndexFunc(line, func(r rune) bool { return r > 127 || !plain(string(r)) }); end > 0 && line[end] == '=' {
			w.key, line = line[:end], line[end+1:]
		}
		if strings.HasPrefix(line, `"`) {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("%q: a quote is not closed", line)
			}
			if w.text, err = strconv.Unquote(quoted); err != nil {
				return nil, fmt.Errorf("%s: %w", quoted, err)
			}
			line = line[len(quoted):]
		} else {
			end := strings.IndexAny(line, " \t")
			if end < 0 {
				end = len(line)
			}
			w.text, w.plain, line = line[:end], true, line[end:]
			if !plain(w.text) {
				return nil, fmt.Errorf("%q: needs quotes", w.text)
			}
		}
		if line != "" && line[0] != ' ' && line[0] != '\t' {
			return nil, fmt.Errorf("%q: a space is missing before it", line)
		}
		out = append(out, w)
	}
}

func (c *codec) space() {
	if len(c.out) > 0 {
		c.out = append(c.out, ' ')
	}
}

// text is a word that always stands there.
func (c *codec) text(v *string) {
	if !c.reading {
		c.space()
		c.out = appendWord(c.out, *v)
		return
	}
	if len(c.words) == 0 || c.words[0].key != "" {
		c.fail("a word is missing")
		return
	}
	*v, c.words = c.words[0].text, c.words[1:]
}

// take finds key=value, or a flag where flag says so.
func (c *codec) take(key string, flag bool) (value string, ok bool) {
	for i, w := range c.words {
		if flag && w.plain && w.key == "" && w.text == key || !flag && w.key == key {
			c.words = append(c.words[:i:i], c.words[i+1:]...)
			return w.text, true
		}
	}
	return "", false
}

// key is a field that is left out where it is empty.
func (c *codec) key(name string, v *string) {
	if c.reading {
		*v, _ = c.take(name, false)
		return
	}
	if *v != "" {
		c.space()
		c.out = append(append(c.out, name...), '=')
		c.out = appendWord(c.out, *v)
	}
}

// flag is a field that stands there where it is true.
func (c *codec) flag(name string, v *bool) {
	if c.reading {
		_, *v = c.take(name, true)
		return
	}
	if *v {
		c.space()
		c.out = append(c.out, name...)
	}
}

// list is any number of name=value.
func (c *codec) list(name string, v *[]string) {
	if !c.reading {
		for i := range *v {
			c.space()
			c.out = append(append(c.out, name...), '=')
			c.out = appendWord(c.out, (*v)[i])
		}
		return
	}
	for {
		s, ok := c.take(name, false)
		if !ok {
			return
		}
		*v = append(*v, s)
	}
}

// asText gives a field of another type the form of a string for a while.
func asText[T any](c *codec, v *T, write func(T) string, read func(string) (T, error), field func(*string)) {
	var s string
	if !c.reading {
		s = write(*v)
	}
	field(&s)
	if c.reading && s != "" {
		x, err := read(s)
		if err != nil {
			c.fail("%q: %v", s, err)
			return
		}
		*v = x
	}
}

func writeUint(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

func readUint(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }

func (c *codec) number(name string, v *uint64) {
	asText(c, v, writeUint, readUint, func(s *string) { c.key(name, s) })
}

func writeFloat(f float32) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(f), 'g', -1, 32)
}

func readFloat(s string) (float32, error) {
	f, err := strconv.ParseFloat(s, 32)
	return float32(f), err
}

func (c *codec) float(name string, v *float32) {
	asText(c, v, writeFloat, readFloat, func(s *string) { c.key(name, s) })
}

// span is a length of time that always stands there.
func (c *codec) span(v *time.Duration) {
	asText(c, v, time.Duration.String, time.ParseDuration, c.text)
}

// keySpan is one that is left out where it is 0.
func (c *codec) keySpan(name string, v *time.Duration) {
	asText(c, v, func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}, time.ParseDuration, func(s *string) { c.key(name, s) })
}

// at is a time since the room opened, left out where it is 0.
func (c *codec) at(name string, v *time.Duration) {
	asText(c, v, func(d time.Duration) string {
		if d == 0 {
			return ""
		}
		return Seconds(d)
	}, readSeconds, func(s *string) { c.key(name, s) })
}

// Seconds writes a time since the room opened: seconds with two decimals, or as many as it takes.
func Seconds(d time.Duration) string {
	sign := ""
	n := uint64(d)
	if d < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%09d", sign, n/1e9, n%1e9)
	least := len(s) - 7
	return s[:max(least, len(strings.TrimRight(s, "0")))]
}

func readSeconds(s string) (time.Duration, error) {
	whole, part, ok := strings.Cut(s, ".")
	if !ok || len(part) < 2 || len(part) > 9 {
		return 0, fmt.Errorf("a time is seconds with two to nine decimals")
	}
	d, err := time.ParseDuration(whole + "." + part + "s")
	if err != nil {
		return 0, fmt.Errorf("no time")
	}
	return d, nil
}

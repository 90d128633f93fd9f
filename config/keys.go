package config

import (
	"fmt"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Key is one setting.
type Key struct {
	// Name is section.key.
	Name string
	// Doc is one line for people.
	Doc string
	form
}

// Keys lists the settings besides budgets, in the order of the documentation.
func Keys() []Key {
	keys := []Key{
		{"log.level", "debug, info, warn or error", asWord("debug", "info", "warn", "error")},
		{"log.format", "text or json", asWord("text", "json")},
		{"join.profile", "what a persona must be able to do", asText()},
		{"join.voice", "voice of a persona", asText()},
		{"join.listen", "where join serves its state", asAddress()},
		{"join.listen_token_file", "file of the token that it asks for", asText()},
		{"serve.listen", "where serve serves its state", asAddress()},
		{"serve.listen_token_file", "file of the token that it asks for", asText()},
		{"bot.speaker", "who speaks for the scripted human", asText()},
		{"bot.codec", "video codec of the scripted human", asWord("vp8", "h264", "vp9", "av1")},
		{"ice.transport", "all, relay or tcp: what media may go through; all without it (docs/networks.md)", asWord("all", "relay", "tcp")},
		{"store.path", "file of the transcripts, or postgres://USER@HOST/DATABASE without a password; none without it", asPlace()},
		{"store.address_file", "file of the postgres:// address of the transcripts, with its password", asText()},
		{"store.retain_days", "days that transcripts are kept; 0 keeps them for ever", asUpTo(MaxRetainDays)},
		{"store.retain_rows", "utterances, messages and turns that are kept of each; 0 keeps all", asUpTo(MaxRetainRows)},
		{"answer.tokens", "tokens that an answer may have at most; 0 leaves it to the program", asUpTo(maxAnswerTokens)},
		{"models.idle", "how long a model that nobody uses stays loaded", asDuration()},
		{"models.bytes", "bytes of models in main memory", asSize()},
		{"models.device_bytes", "bytes of models on each device", asSize()},
		{"prompt_cache.bytes", "bytes of prompts that personas keep from reply to reply; an eighth of the memory without it, or for 0", asSize()},
	}
	return slices.Concat(keys, workerKeys(), tokenKeys(), limitKeys())
}

// maxAnswerTokens is the largest number of tokens of an answer: as many as the widest context
// window of today's small models.
const maxAnswerTokens = 32_768

// maxText bounds a text, in bytes: as long as the names that compute takes.
const maxText = 512

func text(s string, isNumber bool) (Value, string) {
	if isNumber || strings.TrimSpace(s) == "" || len(s) > maxText || strings.ContainsFunc(s, unicode.IsControl) {
		return Value{}, fmt.Sprintf("must be a text of at most %d printable characters", maxText)
	}
	return Value{Text: s}, ""
}

func word(known ...string) func(string, bool) (Value, string) {
	return func(s string, _ bool) (Value, string) {
		if !slices.Contains(known, s) {
			return Value{}, fmt.Sprintf("%q is unknown; known are %s", s, strings.Join(known, ", "))
		}
		return Value{Text: s}, ""
	}
}

func address(s string, _ bool) (Value, string) {
	if _, port, err := net.SplitHostPort(s); err != nil || port == "" {
		return Value{}, fmt.Sprintf("%q is no address; use HOST:PORT", s)
	}
	return Value{Text: s}, ""
}

// count takes a whole number that is not negative.
func count(s string, isNumber bool) (Value, string) {
	n, err := strconv.ParseInt(s, 0, 64)
	switch {
	case !isNumber || err != nil:
		return Value{}, "must be a whole number"
	case n < 0:
		return Value{}, fmt.Sprintf("%d is negative", n)
	}
	return Value{Text: strconv.FormatInt(n, 10), Number: n}, ""
}

// MaxRetainDays is the longest time to keep transcripts: a hundred years. Beyond 292 a duration
// overflows.
const MaxRetainDays = 36_500

// MaxRetainRows is the largest number of rows of each kind to keep.
const MaxRetainRows = 1_000_000_000

// place is a file, or an address that may be shown to others.
func place(s string, isNumber bool) (Value, string) {
	v, problem := text(s, isNumber)
	if problem != "" || !strings.HasPrefix(s, "postgres://") && !strings.HasPrefix(s, "postgresql://") {
		return v, problem
	}
	u, err := url.Parse(s)
	if err != nil {
		return Value{}, "is no address: write postgres://USER@HOST:PORT/DATABASE"
	}
	if _, inside := u.User.Password(); inside || u.Query().Has("password") {
		return Value{}, "holds a password: put the address into a file of its own and name that with store.address_file"
	}
	return v, ""
}

// upTo takes a whole number between 0 and most.
func upTo(most int64) func(string, bool) (Value, string) {
	return func(s string, isNumber bool) (Value, string) {
		v, problem := count(s, isNumber)
		if problem == "" && v.Number > most {
			return Value{}, fmt.Sprintf("%d is more than %d", v.Number, most)
		}
		return v, problem
	}
}

// size takes bytes: a whole number, or one with a unit.
func size(s string, isNumber bool) (Value, string) {
	if isNumber {
		return count(s, true)
	}
	number, unit := strings.TrimRight(s, "kKMGTiB"), int64(1)
	switch suffix := s[len(number):]; suffix {
	case "KiB", "MiB", "GiB", "TiB":
		unit = 1 << (10 * (1 + strings.Index("KMGT", suffix[:1])))
	case "kB", "MB", "GB", "TB":
		for range 1 + strings.Index("kMGT", suffix[:1]) {
			unit *= 1000
		}
	default:
		return Value{}, fmt.Sprintf("%q is no size; use bytes, or KiB, MiB, GiB, TiB, kB, MB, GB, TB", s)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	switch {
	case err != nil || n > math.MaxInt64/unit:
		return Value{}, fmt.Sprintf("%q is no size; use a whole number before the unit", s)
	case n < 0:
		return Value{}, fmt.Sprintf("%s is negative", s)
	}
	return Value{Text: s, Number: n * unit}, ""
}

// duration takes a length of time with a unit.
func duration(s string, isNumber bool) (Value, string) {
	d, err := time.ParseDuration(s)
	switch {
	case isNumber || err != nil:
		return Value{}, fmt.Sprintf("%q is no duration; use for example 90s or 5m", s)
	case d < 0:
		return Value{}, fmt.Sprintf("%s is negative", s)
	}
	return Value{Text: s, Number: int64(d)}, ""
}

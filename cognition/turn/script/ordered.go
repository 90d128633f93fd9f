package script

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// ordered is the plan of a question: plan=key of=fingerprint reply=north:max/1 silent=otto/muted.
func ordered(c *codec, o *turn.Ordered) {
	c.key("plan", &o.Key)
	c.key("of", &o.Print)
	listOf(c, "reply", &o.Replies, writePlace, readPlace)
	listOf(c, "silent", &o.Silences, func(q turn.Quiet) string { return q.Seat + "/" + url.QueryEscape(string(q.Why)) }, readQuiet)
}

// listOf is any number of name=value of a type that has a form as a word.
func listOf[T any](c *codec, name string, v *[]T, write func(T) string, read func(string) (T, error)) {
	var words []string
	if !c.reading {
		for _, x := range *v {
			words = append(words, write(x))
		}
	}
	c.list(name, &words)
	if !c.reading {
		return
	}
	for _, w := range words {
		x, err := read(w)
		if err != nil {
			c.fail("%q: %v", w, err)
			return
		}
		*v = append(*v, x)
	}
}

// writePlace is a place that can be read: a lane's name is escaped as in the query of a URL, and a
// colon in a seat's stands behind the lane's.
func writePlace(p turn.Placed) string {
	word := p.Seat + "/" + strconv.Itoa(p.Wave)
	if p.Lane != "" || strings.Contains(p.Seat, ":") {
		word = url.QueryEscape(p.Lane) + ":" + word
	}
	return word
}

func readPlace(s string) (out turn.Placed, err error) {
	if lane, rest, found := strings.Cut(s, ":"); found {
		if out.Lane, err = url.QueryUnescape(lane); err != nil {
			return out, fmt.Errorf("no lane: %w", err)
		}
		s = rest
	}
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return out, fmt.Errorf("no place: write it as max/1")
	}
	out.Seat = s[:i]
	if out.Wave, err = strconv.Atoi(s[i+1:]); err != nil {
		return out, fmt.Errorf("no wave: write it as max/1")
	}
	return out, nil
}

func readQuiet(s string) (turn.Quiet, error) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return turn.Quiet{}, fmt.Errorf("no silence: write it as otto/muted")
	}
	why, err := url.QueryUnescape(s[i+1:])
	if err != nil {
		return turn.Quiet{}, fmt.Errorf("no reason: %w", err)
	}
	return turn.Quiet{Seat: s[:i], Why: turn.Reason(why)}, nil
}

package turn

import "fmt"

// Given is what a context key stands for, where whoever asks for a plan has it at hand. A plan
// needs keys only; what is given is checked against its key, so that no reply is made from another
// context than the one that was planned.
type Given struct {
	Key      string    `json:"key"`
	Segments []Segment `json:"segments"`
}

// Segment is a piece of a context, as in package prompt.
type Segment struct {
	Kind string `json:"kind"`
	Role string `json:"role,omitempty"`
	Text string `json:"text"`
}

// Bounds of what is given.
const (
	mostContexts = 256
	mostSegments = 4096
	keyDigits    = 24
)

// key is what the context's key has to be: that of package context.
func (g *Given) key() string {
	key := ""
	for _, s := range g.Segments {
		key = digest(key, s.Kind, s.Role+"\n"+s.Text)
	}
	return key
}

func (r *Request) checkContexts(c *checker) {
	c.length("contexts", len(r.Contexts), mostContexts)
	seen := map[string]bool{}
	for i := range r.Contexts {
		g := &r.Contexts[i]
		at := fmt.Sprintf("contexts[%d]", i)
		c.length(at+".segments", len(g.Segments), mostSegments)
		switch want := g.key(); {
		case len(g.Segments) == 0:
			c.fail(at+".segments", "is missing")
		case g.Key != want:
			c.fail(at+".key", "%q is not the key of its segments, which is %s", clip(g.Key), want)
		case seen[g.Key]:
			c.fail(at+".key", "%q is there twice", g.Key)
		}
		seen[g.Key] = true
	}
}

// clip bounds a text that is repeated in a message.
func clip(s string) string {
	if len(s) > 2*keyDigits {
		return s[:2*keyDigits] + "…"
	}
	return s
}

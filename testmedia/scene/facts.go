package scene

// FactKind says what a fact is about.
type FactKind string

// The kinds of facts.
const (
	FactName       FactKind = "name"       // something of this name is there
	FactColour     FactKind = "colour"     // it has this colour
	FactPosition   FactKind = "position"   // it is in this field
	FactCount      FactKind = "count"      // so many things are there
	FactNumber     FactKind = "number"     // this number is written
	FactQuadrant   FactKind = "quadrant"   // this field has this colour
	FactPlain      FactKind = "plain"      // the whole picture has this colour
	FactBackground FactKind = "background" // the background has this colour
	FactTextColour FactKind = "text-colour"
)

// Fact is one thing that is true of a picture. A text states it when it says all the words about
// the same thing.
type Fact struct {
	Kind  FactKind
	Words []string // for example {"circle", "red"} or {"circle", "top left"}, in the answers' spelling
}

// factsOf lists what is true of a finished scene.
func factsOf(s *Scene) []Fact {
	var facts []Fact
	add := func(kind FactKind, words ...string) { facts = append(facts, Fact{kind, words}) }
	seen := map[string]bool{}
	for _, o := range s.Objects {
		if !seen[o.Name] {
			add(FactName, o.Name)
			if o.Colour != "" {
				add(FactColour, o.Name, o.Colour)
			}
		}
		seen[o.Name] = true
		add(FactPosition, o.Name, o.Position)
	}
	if n := len(s.Objects); n > 0 && n < len(countWords) {
		add(FactCount, countWords[n])
	}
	for _, p := range s.Panels {
		add(FactQuadrant, p.Colour, p.Position)
	}
	if s.Text != "" {
		add(FactNumber, s.Text)
		add(FactTextColour, s.TextColour)
	}
	switch {
	case s.plain():
		add(FactPlain, s.Background)
	case s.Background != "":
		add(FactBackground, s.Background)
	}
	return facts
}

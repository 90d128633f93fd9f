package scene

import "strings"

// NoImage is what the model says when it is asked about a picture and has none.
const NoImage = "I can not see an image."

// withArticle puts "a" or "an" before a singular name.
func withArticle(name string) string {
	switch {
	case isPlural(name):
		return name
	case strings.ContainsRune("aeiou", rune(name[0])):
		return "an " + name
	}
	return "a " + name
}

func phrase(o Object) string {
	if o.Colour == "" {
		return withArticle(o.Name)
	}
	return withArticle(o.Colour + " " + o.Name)
}

// at is the place as an answer says it.
func at(position string) string {
	switch position {
	case "center":
		return "in the center"
	case "left", "right":
		return "on the " + position
	}
	return "at the " + position
}

func isAre(name string) string {
	if isPlural(name) {
		return "are"
	}
	return "is"
}

func listed(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// description is the sentence that names everything in the picture.
func (s *Scene) description() string {
	if s.plain() {
		return "I see a plain " + s.Background + " image."
	}
	switch s.Kind {
	case KindNumber:
		return "I see the number " + s.Text + "."
	case KindQuadrants:
		var parts []string
		for _, p := range s.Panels {
			parts = append(parts, p.Colour+" "+at(p.Position))
		}
		return "I see four colors: " + listed(parts) + "."
	case KindCount:
		if n := len(s.Objects); n > 1 {
			return "I see " + countWords[n] + " " + strings.TrimSpace(s.Objects[0].Colour+" "+pluralOf(s.Objects[0].Name)) + "."
		}
	}
	var parts []string
	for _, o := range s.Objects {
		parts = append(parts, phrase(o)+" "+at(o.Position))
	}
	return "I see " + listed(parts) + "."
}

func pluralOf(name string) string {
	switch {
	case isPlural(name) || name == "fish":
		return name
	case strings.HasSuffix(name, "s"):
		return name + "es"
	case name == "butterfly" || name == "strawberry":
		return name[:len(name)-1] + "ies"
	}
	return name + "s"
}

func countAnswer(n int, name string) string {
	if n == 1 {
		return "There is one " + name + "."
	}
	return "There are " + countWords[n] + " " + pluralOf(name) + "."
}

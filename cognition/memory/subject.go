package memory

import (
	"slices"
	"strings"
	"unicode"
)

// topic is whom a text is about.
type topic struct {
	subject string
	others  bool // it says something about somebody who did not say it
	unclear bool // about "him" or "it", and nobody can tell who that was
}

// Words that tell whom a text is about.
const (
	pronouns  = "he him his she her hers they them their theirs it its this these those"
	articles  = "the a an my our your his her their this that some every each no all"
	reporting = "said say says told tells thinks wants promised agreed believes claims swears"
	personal  = "likes loves hates lives works wants owns stole steals lies cheats plays drinks eats speaks has knows said says told moved " +
		"prefers dislikes enjoys studies married"
)

// names are who may be spoken of: the persona, who speaks, and everybody else.
type names struct {
	persona, speaker Person
	people           []Person // with who speaks
}

// about finds whom a text is about, by the words that it begins with. Where somebody else is named
// in it, it is about others too, whatever it begins with.
func (n names) about(text string) topic {
	list := words(text)
	for len(list) > 1 && in("that well so and but actually also please", list[0]) {
		list = list[1:]
	}
	if len(list) == 0 {
		return topic{unclear: true}
	}
	t := n.head(list, split(clean(text)))
	if t.subject != SubjectPersona && n.mentions(list, n.persona) {
		t.subject = SubjectPersona
	}
	for _, p := range n.people {
		if p.ID != n.speaker.ID && n.mentions(list, p) {
			t.others = true
		}
	}
	return t
}

// head reads the first words. raw are the words as they were written.
func (n names) head(list, raw []string) topic {
	first := strings.TrimSuffix(list[0], "'s")
	if in(firstPerson, first) || in("call", first) && slices.Contains(list, "me") {
		return topic{subject: PersonSubject(n.speaker.ID)}
	}
	if len(list) > 2 && list[1] == "and" && in(firstPerson, list[2]) {
		return topic{subject: PersonSubject(n.speaker.ID)}
	}
	switch {
	case in("you your yours yourself", first), slices.Contains(n.persona.called(), first):
		return topic{subject: SubjectPersona}
	case in(pronouns, first):
		return topic{unclear: true}
	}
	if p, found := find(n.people, first); found {
		return topic{subject: PersonSubject(p.ID), others: p.ID != n.speaker.ID}
	}
	if n.stranger(list, raw) {
		return topic{subject: NameSubject(first), others: true}
	}
	return topic{subject: SubjectRoom, others: n.reported(list)}
}

// stranger tells whether a text begins with the name of somebody who was never there: one word with
// a capital, or one that does what people do.
func (n names) stranger(list, raw []string) bool {
	if len(list) < 2 || in(articles, list[0]) || numeric(list[0]) || in("there everything everyone everybody all nobody", list[0]) {
		return false
	}
	next := list[1]
	if in(personal, next) {
		return true
	}
	if !in(copulas, next) {
		return false
	}
	capital := slices.ContainsFunc(raw, func(w string) bool {
		return fold(w) == list[0] && unicode.IsUpper([]rune(w)[0])
	})
	return capital || len(list) > 2 && in("a an my our his her", list[2])
}

// reported tells whether a text says what somebody is said to have said.
func (n names) reported(list []string) bool {
	return slices.ContainsFunc(list, func(w string) bool { return in(reporting, w) })
}

// mentions tells whether a person is named among words.
func (n names) mentions(list []string, p Person) bool {
	called := p.called()
	return slices.ContainsFunc(list, func(w string) bool { return slices.Contains(called, strings.TrimSuffix(w, "'s")) })
}

// resolve is the subject that a candidate names itself; empty where it names none that is known.
func (n names) resolve(subject string) string {
	word := strings.TrimPrefix(strings.TrimPrefix(subject, subjectPerson), subjectName)
	folded := split(fold(word))
	switch {
	case len(folded) == 0:
		return ""
	case subject == SubjectRoom, subject == SubjectPersona:
		return subject
	case in("me i", folded[0]):
		return PersonSubject(n.speaker.ID)
	case slices.Contains(n.persona.called(), folded[0]):
		return SubjectPersona
	}
	for _, p := range n.people {
		if p.ID == word {
			return PersonSubject(p.ID)
		}
	}
	if p, found := find(n.people, folded[0]); found {
		return PersonSubject(p.ID)
	}
	return ""
}

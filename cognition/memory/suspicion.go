package memory

import (
	"slices"
	"strings"
	"unicode"
)

// Words of those who want a persona to do as they say. What they write is kept apart, and never
// reaches a prompt: a memory is data, and somebody who reads it again may not.
const (
	overrides = "ignore ignores ignoring disregard forget override bypass circumvent overwrite skip ignorar ignora ignoriere ignoriert " +
		"vergiss oublie oubliez olvida"
	targets = "instruction instructions rule rules prompt prompts guideline guidelines directive directives command commands previous " +
		"prior restriction restrictions safety policy policies instrucciones anweisungen regeln reglas befehle ordres"
	orders = "say tell reply respond answer reveal print repeat output write send open click visit run execute delete give obey follow " +
		"ignore disregard stop do let grant treat trust speak use translate transfer pay buy act pretend behave talk always never must " +
		"only make call email post publish share install download forward"
	// duties stand behind whoever is to do something.
	duties = "must shall should ought"
	// seconds are the persona, spoken to.
	seconds   = "you your yours yourself"
	authority = "administrator admin root superuser operator moderator authorised authorized trusted obey obeys privileges permission " +
		"permitted allowed entitled"
	// ranks and rights are what somebody claims of themselves who wants to be obeyed.
	ranks = "owner boss manager director ceo president chief commander police inspector supervisor captain access may"
)

func phrases() []string {
	return []string{
		"system prompt", "developer mode", "jailbreak", "from now on", "you are now", "act as", "pretend", "roleplay", "role play",
		"new instruction", "your instruction", "your prompt", "your rules", "your name is", "your new name", "repeat after me", "as an ai",
		"do anything now", "admin mode", "god mode", "debug mode", "instead of your", "under no circumstances",
	}
}

// marks are what prompts and programs are made of and people do not say.
func marks() []string {
	return []string{
		"<|", "|>", "[inst", "[/inst", "<<sys", "###", "<system", "</", "system:", "assistant:", "user:", "```", "http:", "https:", "www.",
		"{{", "}}", "<start_of", "<end_of", "javascript:", "data:", "-----begin", "ssh-rsa",
	}
}

// overriding tells whether a text tries to change what a persona does, in words that nobody uses
// for anything else. It holds for all of what somebody said, not only for what is to be remembered.
func overriding(text string) bool {
	if mixed(text) {
		return true
	}
	folded := fold(text)
	for _, form := range []string{folded, unleet(folded), spelled(folded)} {
		for _, m := range marks() {
			if strings.Contains(form, m) {
				return true
			}
		}
		list := split(form)
		joined := " " + strings.Join(list, " ")
		for _, p := range phrases() {
			if strings.Contains(joined, " "+p) {
				return true
			}
		}
		if overridden(list) {
			return true
		}
	}
	return false
}

// overridden finds a word that overrides, and a few words behind it what.
func overridden(list []string) bool {
	const reach = 6
	for i, w := range list {
		if !in(overrides, w) {
			continue
		}
		for _, t := range list[i+1 : min(len(list), i+1+reach)] {
			if in(targets, t) {
				return true
			}
		}
	}
	return false
}

// commanding tells whether a text is an instruction to a persona, speaks to it, or claims that its
// speaker may give some. Somebody that nobody vouched for cannot claim a rank either.
func commanding(text string, n names, trust Trust) bool {
	list := words(text)
	for len(list) > 1 && (in(leads, list[0]) || slices.Contains(n.persona.called(), list[0])) {
		list = list[1:]
	}
	if len(list) == 0 {
		return false
	}
	nickname := len(list) <= 4 && list[0] == "call" && slices.Contains(list, "me")
	if in(orders, list[0]) && !nickname || list[0] == "do" {
		return true
	}
	for i, w := range list {
		to := in("everyone everybody bots bot assistant agent model ai guests", w) || slices.Contains(n.persona.called(), w)
		if next := list[i+1:]; to && len(next) > 0 && (in(duties, next[0]) || len(next) > 1 && in("have need are got", next[0]) && next[1] == "to") {
			return true
		}
		if in(seconds, w) && !idiom(list, i) || trust < Known && in(ranks, w) {
			return true
		}
		if in(authority, w) || in("own owns", w) && i+1 < len(list) && in("this the", list[i+1]) {
			return true
		}
	}
	return false
}

// idiom tells whether "you" speaks to nobody.
func idiom(list []string, i int) bool {
	return list[i] == "you" && i > 0 && (list[i-1] == "thank" || i+1 < len(list) && list[i+1] == "know")
}

// unleet reads digits and signs within words as the letters that they stand for.
func unleet(folded string) string {
	const signs, letters = "013457@$!|", "oieastasil"
	reads := []rune(letters)
	var out []string
	for _, w := range strings.Fields(folded) {
		if strings.ContainsFunc(w, unicode.IsLetter) {
			w = strings.Map(func(r rune) rune {
				if i := strings.IndexRune(signs, r); i >= 0 {
					return reads[i]
				}
				return r
			}, w)
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

// spelled joins letters that stand one by one.
func spelled(folded string) string {
	const least = 4
	var out []string
	var run []string
	flush := func() {
		if len(run) >= least {
			run = []string{strings.Join(run, "")}
		}
		out = append(out, run...)
		run = nil
	}
	for _, w := range split(folded) {
		if len([]rune(w)) == 1 && !unicode.IsDigit([]rune(w)[0]) {
			run = append(run, w)
			continue
		}
		flush()
		out = append(out, w)
	}
	flush()
	return strings.Join(out, " ")
}

// mixed tells whether a word has letters of Latin and of a script that looks like it.
func mixed(text string) bool {
	for _, w := range split(text) {
		latin := strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
		alike := strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) || unicode.Is(unicode.Greek, r) })
		if latin && alike {
			return true
		}
	}
	return false
}

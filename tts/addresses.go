package tts

import (
	"regexp"
	"strings"
)

//nolint:gochecknoglobals // read-only patterns
var (
	webAddress  = regexp.MustCompile(`(?i)<?\b(?:https?|ftp|wss?)://[^\s<>\[\]"“”]+>?|\bwww\.[^\s<>\[\]"“”]+`)
	mailAddress = regexp.MustCompile(`(?i)\b[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+`)
	bareHost    = regexp.MustCompile(`(?i)\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|edu|gov|dev|app|info)\b`)
	linkText    = regexp.MustCompile(`!?\[([^\[\]]+)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\)`)
	linkTarget  = regexp.MustCompile(`\]\([^()\s]*\)`) // of a link whose text came in an earlier clause
)

// sayAddresses turns web and mail addresses into words: "https://www.example.com/docs?x=1" is said as "example dot com". Only
// the host is said: a path read aloud helps nobody. A Markdown link is said by its text.
func sayAddresses(text string) string {
	text = linkText.ReplaceAllString(text, "$1")
	text = linkTarget.ReplaceAllString(text, " ")
	text = webAddress.ReplaceAllStringFunc(text, sayWebAddress)
	text = mailAddress.ReplaceAllStringFunc(text, func(s string) string {
		user, host, _ := strings.Cut(s, "@")
		return strings.ReplaceAll(user, ".", " dot ") + " at " + sayHost(host)
	})
	return bareHost.ReplaceAllStringFunc(text, sayHost)
}

// sayWebAddress says the host of an address and keeps punctuation that follows it.
func sayWebAddress(s string) string {
	s = strings.Trim(s, "<>")
	end := len(strings.TrimRight(s, ".,;:!?)'*_"))
	tail := strings.Trim(s[end:], ")'*_")
	s = s[:end]
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndex(s, "@"); i >= 0 {
		s = s[i+1:]
	}
	if i := strings.LastIndex(s, ":"); i >= 0 {
		s = s[:i]
	}
	if len(s) > 4 && strings.EqualFold(s[:4], "www.") {
		s = s[4:]
	}
	return sayHost(s) + tail
}

func sayHost(host string) string {
	return strings.ReplaceAll(strings.Trim(host, "."), ".", " dot ")
}

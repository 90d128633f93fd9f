package spoken

import (
	"regexp"
	"strings"
)

// hostEnds are the last parts of names of hosts that are read as such without a scheme before them.
//
// Read-only table.
var hostEnds = anyOf("com", "org", "net", "edu", "gov", "dev", "app", "info", "io", "ai", "co.uk", "co", "de", "fr", "uk", "eu", "ca", "us", "jp", "ch", "nl", "tv", "xyz")

// fileEnds are the extensions that make a word with a dot the name of a file.
//
// Read-only table.
var fileEnds = anyOf("go", "py", "js", "ts", "jsx", "tsx", "java", "rb", "rs", "c", "h", "cc", "cpp", "hpp", "cs", "php", "sh", "bat", "ps1", "sql", "lua",
	"txt", "md", "csv", "tsv", "json", "jsonl", "yaml", "yml", "toml", "ini", "cfg", "conf", "xml", "html", "htm", "css", "scss", "log", "lock", "env",
	"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "wav", "mp3", "mp4", "ogg", "flac", "mov",
	"avi", "mkv", "zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "exe", "dll", "so", "bin", "iso", "img", "onnx", "gguf", "mod", "sum", "db")

// addresses are the rules for what names a place in a network or on a disk.
//
// Read-only table.
var addresses = []rule{
	{gate: "]", pattern: regexp.MustCompile(`!?\[([^\[\]]+)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\)`), with: "$1"},
	{gate: "]", pattern: regexp.MustCompile(`\]\([^()\s]*\)`), with: " "}, // of a link whose text came in an earlier clause
	{gate: "]", pattern: regexp.MustCompile(`(?m)^\s*\[[^\[\]]+\]:\s+\S+(?:\s+"[^"]*")?\s*$`), with: " "},
	{gate: "]", pattern: regexp.MustCompile(`\[([^\[\]]+)\]\[[^\[\]\s]*\]`), say: sayReference},
	{gate: ":wW", pattern: regexp.MustCompile(`(?i)<?\b(?:https?|ftp|wss?|ssh|git|file)://[^\s<>\[\]"“”]+>?|\bwww\.[^\s<>\[\]"“”]+`), say: sayWebAddress},
	{gate: "@", pattern: regexp.MustCompile(`(?i)(?:\bmailto:)?\b([a-z0-9][a-z0-9._%+&-]*)@([a-z0-9-]+(?:\.[a-z0-9-]+)+)`), say: sayMail},
	{gate: ":-", pattern: regexp.MustCompile(`\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\b`), say: sayHardware},
	{gate: ":", pattern: regexp.MustCompile(`(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?:/\d{1,3})?`), say: sayIPv6},
	{gate: ".", pattern: regexp.MustCompile(`\b(\d{1,3}(?:\.\d{1,3}){3})(:\d{1,5})?(/\d{1,2})?\b`), say: sayIPv4},
	{gate: ":", pattern: regexp.MustCompile(`(?i)\b(localhost|(?:[a-z0-9-]+\.)+` + hostEnds + `):(\d{2,5})\b`), say: sayPort},
	{gate: `\`, pattern: regexp.MustCompile(`\b([A-Za-z]):\\([\w. \\-]*\w)?`), say: sayDrive},
	{gate: "/", pattern: regexp.MustCompile(`(?:~|\.{1,2})?/(?:[\w.@+-]+/?)+|(?:[\w.@+-]+/)+[\w+-]*\.\w{1,6}\b`), say: sayPath},
	{gate: ".", pattern: regexp.MustCompile(`(?i)\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.` + hostEnds + `\b(?:/[^\s<>\[\]"“”]*)?`), say: sayBareHost},
	{gate: ".", pattern: regexp.MustCompile(`\b[\w-]+(?:\.[\w-]+)*\.` + fileEnds + `\b`), say: sayFile},
	{gate: ".", pattern: regexp.MustCompile(`(^|[\s(])\.([a-z][\w-]{1,20})\b`), with: "${1}dot $2"},
	{gate: ".", pattern: regexp.MustCompile(`\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:\(\))?`), say: sayDotted},
	{gate: "@", pattern: regexp.MustCompile(`(^|[\s(])@([A-Za-z_])`), with: "${1}at $2"},
}

// sayReference leaves "a[0][1]" alone, which is code and no link.
func sayReference(m match) (string, bool) { return m.group(1), !isWord(m.prev()) }

// sayWebAddress says the host: "https://www.example.com/docs?x=1" is "example dot com". A path read
// aloud helps nobody. Punctuation behind the address is kept.
func sayWebAddress(m match) (string, bool) {
	s := strings.Trim(m.group(0), "<>")
	end := len(strings.TrimRight(s, ".,;:!?)'*_`"))
	tail := strings.Trim(s[end:], ")'*_`")
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
	port := ""
	if i := strings.LastIndex(s, ":"); i >= 0 {
		s, port = s[:i], s[i+1:]
	}
	if len(s) > 4 && strings.EqualFold(s[:4], "www.") {
		s = s[4:]
	}
	if s == "" {
		return strings.TrimSpace(sayName(strings.ReplaceAll(m.group(0)[strings.Index(m.group(0), "//")+2:end], "/", " slash "))) + tail, true
	}
	said := sayHost(s)
	if port != "" && strings.Trim(port, "0123456789") == "" && port != "80" && port != "443" {
		said += " port " + spell(port)
	}
	return said + tail, true
}

// sayHost says a name or number of a host.
func sayHost(host string) string {
	parts := strings.Split(strings.Trim(host, "."), ".")
	for i, p := range parts {
		parts[i] = sayName(p)
	}
	return strings.Join(parts, " dot ")
}

// sayName says one part of an address: digits one by one, signs by name.
func sayName(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case isDigit(r):
			b.WriteString(" " + ones[r-'0'] + " ")
		case r == '-':
			b.WriteString(" dash ")
		case r == '_':
			b.WriteString(" underscore ")
		case r == '+':
			b.WriteString(" plus ")
		case r == '.':
			b.WriteString(" dot ")
		case r == '%':
			b.WriteString(" percent ")
		case r == '&':
			b.WriteString(" and ")
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func sayMail(m match) (string, bool) {
	host := strings.TrimRight(m.group(2), "-")
	return sayName(m.group(1)) + " at " + sayHost(host), true
}

// sayHardware spells the address of a network card, pair by pair.
func sayHardware(m match) (string, bool) {
	s := m.group(0)
	if strings.Count(s, ":") != 5 && strings.Trim(strings.ToLower(s), "0123456789-") == "" {
		return "", false // digits in pairs: something else
	}
	pairs := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '-' })
	for i, p := range pairs {
		pairs[i] = sayHex(p)
	}
	return strings.Join(pairs, ", "), true
}

// sayHex spells hexadecimal digits.
func sayHex(s string) string {
	words := make([]string, 0, len(s))
	for _, r := range strings.ToUpper(s) {
		if isDigit(r) {
			words = append(words, ones[r-'0'])
			continue
		}
		words = append(words, string(r))
	}
	return strings.Join(words, " ")
}

// sayIPv6 spells an address that has "::" or eight groups; anything else with colons is a time or
// code.
func sayIPv6(m match) (string, bool) {
	s, length, prefix := strings.Cut(m.group(0), "/")
	if isWord(m.prev()) || isWord(m.next()) || m.prev() == ':' || m.next() == ':' {
		return "", false
	}
	if !strings.Contains(s, "::") && strings.Count(s, ":") != 7 || !strings.ContainsAny(s, "0123456789") {
		return "", false
	}
	if strings.ContainsAny(lastOf(s), ":") && !strings.HasSuffix(s, "::") {
		return "", false
	}
	var parts []string
	for i, g := range strings.Split(s, ":") {
		if i > 0 {
			parts = append(parts, "colon")
		}
		if g != "" {
			parts = append(parts, sayHex(g))
		}
	}
	if prefix {
		parts = append(parts, "slash", cardinal(length))
	}
	return strings.Join(parts, " "), true
}

// sayIPv4 spells the four numbers, and says port and prefix length. Longer chains of numbers are no
// address.
func sayIPv4(m match) (string, bool) {
	if lastOf(m.before()) == "." && len(m.before()) > 1 && isDigit(rune(m.before()[len(m.before())-2])) || m.next() == '.' && len(m.after()) > 1 && isDigit(rune(m.after()[1])) {
		return "", false
	}
	if m.prev() == 'v' {
		return "", false // a version
	}
	said := sayHost(m.group(1))
	for _, part := range strings.Split(m.group(1), ".") {
		if small(part) > 255 {
			return "", false
		}
	}
	if port := m.group(2); port != "" {
		said += " port " + spell(port[1:])
	}
	if prefix := m.group(3); prefix != "" {
		said += " slash " + cardinal(prefix[1:])
	}
	return said, true
}

func sayPort(m match) (string, bool) {
	return sayHost(m.group(1)) + " port " + spell(m.group(2)), true
}

func sayDrive(m match) (string, bool) {
	said := m.group(1) + " colon"
	for _, part := range strings.Split(m.group(2), `\`) {
		said += " backslash " + sayName(part)
	}
	return said, true
}

// sayPath says the path of a file with its slashes. Words with slashes between them, numbers and
// units are no path.
func sayPath(m match) (string, bool) {
	s := m.group(0)
	path := strings.TrimRight(s, ".")
	tail := s[len(path):]
	rooted := path[0] == '/' || strings.HasPrefix(path, "~/") || strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../")
	first := firstRune(strings.TrimLeft(path, "/"))
	if isWord(m.prev()) || m.prev() == ')' || m.prev() == '/' || first == 0 || strings.Trim(path, "0123456789./-") == "" {
		return "", false
	}
	if rooted && path[0] == '/' && !isSpace(m.prev()) && !strings.ContainsRune("`\"'(“,:=", m.prev()) {
		return "", false
	}
	if strings.Contains(path, "//") || !rooted && isDigit(first) {
		return "", false
	}
	var words []string
	for i, part := range strings.Split(path, "/") {
		if i > 0 {
			words = append(words, "slash")
		}
		switch {
		case part == "~":
			words = append(words, "tilde")
		case part != "":
			words = append(words, sayName(part))
		}
	}
	return strings.Join(words, " ") + tail, true
}

// sayBareHost says a host without a scheme, and drops the path as of any web address. A capital
// letter in the last part begins a sentence.
func sayBareHost(m match) (string, bool) {
	s := m.group(0)
	if m.prev() == '.' || m.prev() == '/' || m.prev() == '@' {
		return "", false
	}
	host, path, _ := strings.Cut(s, "/")
	end := host[strings.LastIndexByte(host, '.')+1:]
	if end != strings.ToLower(end) && host != strings.ToUpper(host) || isDigit(firstRune(end)) {
		return "", false
	}
	trimmed := strings.TrimRight(path, ".,;:!?)'*_`")
	tail := strings.Trim(path[len(trimmed):], ")'*_`")
	if len(host) > 4 && strings.EqualFold(host[:4], "www.") {
		host = host[4:]
	}
	return sayHost(host) + tail, true
}

// sayFile says the name of a file with its dots.
func sayFile(m match) (string, bool) {
	s := m.group(0)
	return sayName(s), m.prev() != '.'
}

// sayDotted says names joined by dots as code does it: "os.path" is "os dot path". A capital behind
// the dot of an ordinary word begins a sentence whose space was forgotten.
func sayDotted(m match) (string, bool) {
	s := strings.TrimSuffix(m.group(0), "()")
	call := len(s) < len(m.group(0))
	parts := strings.Split(s, ".")
	short := true
	for i, p := range parts {
		short = short && len(p) == 1
		if i > 0 && !call && p[0] >= 'A' && p[0] <= 'Z' && (parts[i-1][0] < 'A' || parts[i-1][0] > 'Z') {
			return "", false
		}
	}
	if _, known := abbreviations[strings.ToLower(s)]; known || short || dottedInitials(s) {
		return "", false // "e.g", "U.S", "p.m"
	}
	return strings.Join(parts, " dot "), true
}

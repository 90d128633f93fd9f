package spoken

import (
	"html"
	"regexp"
	"strings"
)

// htmlNames are the elements of HTML that models write, and the marks that they think or call tools
// between.
//
// Read-only table.
var htmlNames = anyOf("a", "abbr", "article", "aside", "b", "big", "blockquote", "body", "br", "button", "caption", "center", "cite", "code", "dd",
	"del", "details", "dfn", "div", "dl", "dt", "em", "figure", "figcaption", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head",
	"header", "hr", "html", "i", "iframe", "img", "input", "ins", "kbd", "label", "li", "link", "main", "mark", "meta", "nav", "ol", "option", "p",
	"pre", "q", "s", "samp", "script", "section", "select", "small", "span", "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td",
	"textarea", "tfoot", "th", "thead", "title", "tr", "tt", "u", "ul", "var", "video",
	"think", "thinking", "thought", "reasoning", "reflection", "answer", "response", "output", "tool_call", "tool_response", "function_call",
	"bos", "eos", "pad", "unk", "mask", "sep", "cls", "image", "end_of_turn", "start_of_turn", "end_of_utterance", "fake_token_around_image",
	"row_col", "global-img", "image_soft_token", "audio_soft_token", "end_of_image", "start_of_image")

// markup takes the marks of models, HTML and LaTeX away or turns them into the signs they stand
// for. A tag is one by its name and shape: "a<b and c>d" holds none.
//
// Read-only table.
var markup = []rule{
	// Template tokens: <|im_end|>, <｜end▁of▁sentence｜> (in compatibility form by now), [INST],
	// <<SYS>>.
	{gate: "|", pattern: regexp.MustCompile(`<\|[^<>|\n]{1,60}\|>`), with: " "},
	{gate: "<", pattern: regexp.MustCompile(`<(?:\|[\w ▁]*|/?think(?:ing)?|(?:end|start)_\w*)$`), with: " "}, // cut off
	{gate: "[", pattern: regexp.MustCompile(`\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|THINK)\]`), with: " "},
	{gate: "<", pattern: regexp.MustCompile(`<</?SYS>>|<!--[^\n]*?-->|<!(?i:doctype)[^<>]*>|<(?:unused|extra_id_|reserved_special_token_)\d*>`), with: " "},
	{gate: "<", pattern: regexp.MustCompile(`(?i)<(sup|sub)>([^<>]*)</(?:sup|sub)>`), say: sayRaised},
	{gate: "<", pattern: regexp.MustCompile(`(?i)<br\s*/?>`), with: "\n"},
	{gate: "<", pattern: regexp.MustCompile(`(?i)<(/?)` + htmlNames + `((?:\s+[a-z][a-z0-9_:-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=]+)|\s+(?:checked|disabled|hidden|open|async|defer))*)\s*/?>`), say: dropTag},
	{gate: "<", pattern: regexp.MustCompile(`<([A-Za-z][\w-]+(?: [A-Za-z][\w-]+){0,4})>`), say: sayPlaceholder},
	{gate: "<", pattern: regexp.MustCompile(`([A-Za-z]\w+)<([A-Z_a-z]\w*(?:, ?[A-Z_a-z]\w*)*)>`), say: sayTypeParameters},
	{gate: "&", pattern: regexp.MustCompile(`&(?:[A-Za-z]{2,8}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});`), say: sayEntity},
	{gate: `\`, pattern: regexp.MustCompile(`\\[()\[\]]|\$\$`), with: " "},
	{gate: `\`, pattern: regexp.MustCompile(`\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}`), say: sayFrac},
	{gate: `\`, pattern: regexp.MustCompile(`\\sqrt\s*\{([^{}]*)\}`), with: " √($1) "},
	{gate: `\`, pattern: regexp.MustCompile(`\\(?:text|mathrm|mathbf|mathit|operatorname|boxed|textbf|textit|left|right|displaystyle|quad|qquad)\b\s*`), with: " "},
	{gate: `\`, pattern: regexp.MustCompile(`\\([A-Za-z]+)`), say: sayCommand},
	{gate: `\`, pattern: regexp.MustCompile(`\\([!"#$%&'()*+,./:;<=>?@\[\]^_{|}~-])`), with: "$1"}, // Markdown's escapes
	{gate: "^", pattern: regexp.MustCompile(`\^\{([^{}]*)\}`), with: "^($1)"},
	{gate: "$", pattern: regexp.MustCompile(`\$([^\s$](?:[^$\n]*[^\s$])?)\$`), say: sayInlineMath},
}

// sayFrac says a quotient; a side with signs of its own keeps together by pauses.
func sayFrac(m match) (string, bool) {
	top, bottom := m.group(1), m.group(2)
	if strings.ContainsAny(top, "+- ") {
		top = "(" + top + ")"
	}
	if strings.ContainsAny(bottom, "+- ") {
		bottom = "(" + bottom + ")"
	}
	return " " + top + " over " + bottom + " ", true
}

func sayRaised(m match) (string, bool) {
	if strings.EqualFold(m.group(1), "sup") {
		return "^(" + m.group(2) + ")", true
	}
	return m.group(2), true
}

// dropTag leaves a tag without attributes alone where it may be two comparisons: a letter before it
// and a letter behind it, no closing slash.
func dropTag(m match) (string, bool) {
	if m.group(2) == "" && (strings.Count(m.before(), "`")%2 == 1 || !isWord(m.prev()) && speaksOfTags[m.wordBefore()] && !strings.Contains(m.after(), "</")) {
		return " " + strings.Trim(m.group(0), "</> ") + " ", true
	}
	if m.group(1) == "" && m.group(2) == "" && isWord(m.prev()) && (isDigit(m.prev()) || isDigit(operandStart(m.after())) ||
		len(m.group(0)) == 3 && isWord(m.next()) && !strings.Contains(m.after(), "</"+m.group(0)[1:])) {
		return "", false // "a<b>5"
	}
	return " ", true
}

// operandStart is the first character of a text behind spaces and a sign.
func operandStart(s string) rune { return firstRune(strings.TrimLeft(s, " -−=")) }

// speaksOfTags are words behind which a tag is what is spoken of.
//
// Read-only table.
var speaksOfTags = map[string]bool{"tag": true, "tags": true, "element": true, "elements": true, "the": true, "an": true, "a": true}

// sayPlaceholder says what stands between angle brackets as a name to be filled in: "git clone
// <url>". Comparisons have other words in between, or stand close to what they compare.
func sayPlaceholder(m match) (string, bool) {
	if isWord(m.prev()) || isDigit(firstRune(strings.TrimLeft(m.after(), " ="))) {
		return "", false
	}
	for _, w := range strings.Fields(strings.ToLower(m.group(1))) {
		switch w {
		case "and", "or", "but", "if", "then", "is", "not", "when", "while":
			return "", false
		}
	}
	return " " + m.group(1) + " ", true
}

// sayTypeParameters says "List<String>" as "List of String". Names of one letter on both sides are
// a comparison.
func sayTypeParameters(m match) (string, bool) {
	if isWord(m.next()) || isDigit(firstRune(strings.TrimLeft(m.after(), " "))) {
		return "", false
	}
	return m.group(1) + " of " + m.group(2), true
}

// sayEntity replaces a character reference. What it stands for is text and never the beginning of a
// tag.
func sayEntity(m match) (string, bool) {
	out := html.UnescapeString(m.group(0))
	if len([]rune(out)) > 2 {
		return "", false // unknown, or known by its beginning only
	}
	out, _ = plain(out)
	return out, true
}

// commands are LaTeX commands for signs.
//
// Read-only table.
var commands = map[string]string{
	"times": " × ", "cdot": " ⋅ ", "div": " ÷ ", "pm": " ± ", "le": " ≤ ", "leq": " ≤ ", "ge": " ≥ ", "geq": " ≥ ", "ne": " ≠ ", "neq": " ≠ ",
	"lt": " < ", "gt": " > ", "approx": " ≈ ", "equiv": " ≡ ", "to": " -> ", "rightarrow": " -> ", "Rightarrow": " ⇒ ", "infty": " ∞ ",
	"in": " ∈ ", "notin": " ∉ ", "cup": " ∪ ", "cap": " ∩ ", "neg": " ¬ ", "land": " ∧ ", "lor": " ∨ ", "forall": " ∀ ", "exists": " ∃ ",
	"sum": " ∑ ", "prod": " ∏ ", "int": " ∫ ", "partial": " ∂ ", "degree": "°", "circ": "°", "ldots": "…", "dots": "…", "cdots": "…",
}

func sayCommand(m match) (string, bool) {
	name := m.group(1)
	if sign, ok := commands[name]; ok {
		return sign, true
	}
	for _, known := range greek {
		if strings.EqualFold(known, name) {
			return " " + known + " ", true
		}
	}
	return "", false
}

// sayInlineMath takes the dollars from around a formula. Prices are none: behind the second dollar
// of "$5-$10" a digit follows.
func sayInlineMath(m match) (string, bool) {
	inside := m.group(1)
	if isDigit(m.next()) || isWord(m.prev()) || !strings.ContainsAny(inside, `=<>≤≥≠^\+*_×⋅`) && len(inside) > 2 {
		return "", false
	}
	if isDigit(firstRune(inside)) && strings.Contains(inside, " ") && !strings.ContainsAny(inside, "=^<>≤≥≠") {
		return "", false
	}
	return " " + inside + " ", true
}

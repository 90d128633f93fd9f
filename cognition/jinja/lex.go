package jinja

import (
	"fmt"
	"strings"
)

// kind of a template piece.
type kind int

const (
	pieceText  kind = iota // literal text
	pieceValue             // {{ … }}
	pieceTag               // {% … %}
)

// piece is one part of a template.
type piece struct {
	kind kind
	body string
	line int
}

// pieces cuts a template into text, values and tags, and applies the white space rules: a dash eats
// all white space on its side, a tag at the start of a line eats the blanks before it, and a tag
// eats one newline behind it.
func pieces(src string) ([]piece, error) {
	src = strings.ReplaceAll(src, "\r\n", "\n")
	src = strings.TrimSuffix(src, "\n")
	var list []piece
	line := 1
	eatAll, eatLine := false, false
	for src != "" {
		open := opening(src)
		text := src[:open]
		start := line + strings.Count(text, "\n")
		keep := trimFront(text, eatAll, eatLine)
		if open == len(src) {
			list = appendText(list, keep, line)
			break
		}
		mark := src[open+1]
		body, rest, err := closing(src[open+2:], mark)
		if err != nil {
			return nil, &SyntaxError{Line: start, Detail: err.Error()}
		}
		keep = trimBack(keep, text, body, mark, len(list) == 0)
		list = appendText(list, keep, line)
		line = start + strings.Count(src[open:len(src)-len(rest)], "\n")
		eatAll = strings.HasSuffix(body, "-")
		eatLine = mark != '{' && !strings.HasSuffix(body, "+")
		body = strings.TrimSpace(strings.Trim(body, "-+"))
		switch mark {
		case '{':
			list = append(list, piece{pieceValue, body, start})
		case '%':
			list = append(list, piece{pieceTag, body, start})
		}
		src = rest
	}
	return list, nil
}

// opening is the index of the next {{, {% or {#, or the length.
func opening(src string) int {
	for i := 0; i+1 < len(src); i++ {
		if src[i] == '{' && (src[i+1] == '{' || src[i+1] == '%' || src[i+1] == '#') {
			return i
		}
	}
	return len(src)
}

// closing splits src behind the matching end mark; marks inside quotes do not count, except in
// comments.
func closing(src string, mark byte) (body, rest string, err error) {
	end := map[byte]string{'{': "}}", '%': "%}", '#': "#}"}[mark]
	quote := byte(0)
	depth := 0
	for i := 0; i+1 < len(src); i++ {
		c := src[i]
		switch {
		case mark == '#':
		case quote != 0 && c == '\\':
			i++
			continue
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case c == '\'' || c == '"':
			quote = c
			continue
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			depth--
			continue
		}
		if src[i:i+2] == end {
			return src[:i], src[i+2:], nil
		}
	}
	return "", "", fmt.Errorf("{%c without %s", mark, end)
}

// trimFront applies the rules of the tag before the text.
func trimFront(text string, all, newline bool) string {
	switch {
	case all:
		return strings.TrimLeft(text, " \t\r\n\v\f")
	case newline:
		return strings.TrimPrefix(text, "\n")
	}
	return text
}

// trimBack applies the rules of the tag behind the text. Whole is the text before the rules in
// front took their part, and first says that nothing stands before it.
func trimBack(keep, whole, body string, mark byte, first bool) string {
	switch {
	case strings.HasPrefix(body, "-"):
		return strings.TrimRight(keep, " \t\r\n\v\f")
	case mark == '{' || strings.HasPrefix(body, "+"):
		return keep
	}
	bare := strings.TrimRight(whole, " \t")
	if strings.HasSuffix(bare, "\n") || (bare == "" && first) {
		return strings.TrimRight(keep, " \t")
	}
	return keep
}

// appendText adds text unless it is empty.
func appendText(list []piece, text string, line int) []piece {
	if text == "" {
		return list
	}
	return append(list, piece{pieceText, text, line})
}

package jinja

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind of a word inside {{ }} or {% %}.
type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenNumber
	tokenString
	tokenSign
)

// token is one word of an expression.
type token struct {
	kind tokenKind
	text string // for a string: its value
}

// signs in the order they are tried: longer ones first.
func signs() []string {
	return []string{"==", "!=", "<=", ">=", "//", "**", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ".", ",", ":", "|"}
}

// tokens cuts the inside of a tag into words.
func tokens(src string) ([]token, error) {
	var list []token
	all := signs()
	for src != "" {
		r, size := utf8.DecodeRuneInString(src)
		switch {
		case unicode.IsSpace(r):
			src = src[size:]
		case r == '_' || unicode.IsLetter(r):
			n := strings.IndexFunc(src, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			if n < 0 {
				n = len(src)
			}
			list, src = append(list, token{tokenName, src[:n]}), src[n:]
		case r >= '0' && r <= '9':
			n := number(src)
			list, src = append(list, token{tokenNumber, src[:n]}), src[n:]
		case r == '\'' || r == '"':
			text, n, err := quoted(src)
			if err != nil {
				return nil, err
			}
			list, src = append(list, token{tokenString, text}), src[n:]
		default:
			n := 0
			for _, sign := range all {
				if strings.HasPrefix(src, sign) {
					n = len(sign)
					break
				}
			}
			if n == 0 {
				return nil, fmt.Errorf("unexpected %q", r)
			}
			list, src = append(list, token{tokenSign, src[:n]}), src[n:]
		}
	}
	return list, nil
}

// number is the length of an integer or decimal at the front of src.
func number(src string) int {
	n := 0
	for n < len(src) && (src[n] >= '0' && src[n] <= '9') {
		n++
	}
	if n+1 < len(src) && src[n] == '.' && src[n+1] >= '0' && src[n+1] <= '9' {
		n++
		for n < len(src) && (src[n] >= '0' && src[n] <= '9') {
			n++
		}
	}
	return n
}

// quoted reads the string at the front of src and returns its value and its length in the source.
func quoted(src string) (text string, length int, err error) {
	var b strings.Builder
	escapes := map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', '\'': '\'', '"': '"'}
	for i := 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == src[0]:
			return b.String(), i + 1, nil
		case c != '\\':
			b.WriteByte(c)
		case i+1 == len(src):
			return "", 0, fmt.Errorf("string without end")
		default:
			i++
			real, ok := escapes[src[i]]
			if !ok {
				return "", 0, fmt.Errorf("escape \\%c", src[i])
			}
			b.WriteByte(real)
		}
	}
	return "", 0, fmt.Errorf("string without end")
}

package yamlguard

import (
	"fmt"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Limits bound one text. A number that is passed is an error; zero allows none.
type Limits struct {
	// Bytes of the text.
	Bytes int
	// Depth of nesting, in levels of mappings and lists.
	Depth int
	// Tokens are words, signs and comments: a line KEY: VALUE has three.
	Tokens int
	// Aliases are references (*name) to something that stands elsewhere in the text.
	Aliases int
}

// Default allows ten times what the largest document of this program has (models/catalog.yaml: 28
// kB, 7 levels), and no aliases: with them a text of a few lines can stand for one of any size.
func Default() Limits { return Limits{Bytes: 256 << 10, Depth: 32, Tokens: 20_000} }

// Check reads through a text and refuses one beyond the limits. It says nothing about the text's
// being YAML. Errors: *LimitError, ErrUnreadable.
func Check(data []byte, l Limits) (err error) {
	defer func() {
		if cause := recover(); cause != nil { // a bug of the lexer must not end the program for a user's file
			err = fmt.Errorf("%w: %v", ErrUnreadable, cause)
		}
	}()
	if len(data) > l.Bytes {
		return &LimitError{What: "bytes", Limit: l.Bytes}
	}
	tokens := lexer.Tokenize(string(data))
	if len(tokens) > l.Tokens {
		return &LimitError{Line: lineOf(tokens[l.Tokens]), What: "tokens", Limit: l.Tokens}
	}
	var n nesting
	aliases := 0
	for i, t := range tokens {
		if t.Type == token.AliasType {
			aliases++
		}
		if aliases > l.Aliases {
			return &LimitError{Line: lineOf(t), What: "aliases", Limit: l.Aliases}
		}
		var before *token.Token
		if i > 0 {
			before = tokens[i-1]
		}
		if n.take(t, before) > l.Depth {
			return &LimitError{Line: lineOf(t), What: "levels", Limit: l.Depth}
		}
	}
	return nil
}

// nesting follows how deep the text is. In block style a level begins where an entry stands further
// right than the one that it belongs to, in flow style at an opening bracket.
type nesting struct {
	columns []int // of the open block levels, growing
	flow    int   // open brackets
}

// take counts one token and returns the depth there.
func (n *nesting) take(t, before *token.Token) int {
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		n.flow++
	case token.SequenceEndType, token.MappingEndType:
		n.flow = max(n.flow-1, 0)
	case token.SequenceEntryType, token.MappingKeyType:
		n.block(t)
	case token.MappingValueType:
		if before != nil && lineOf(before) == lineOf(t) {
			t = before // the key says where the mapping stands
		}
		n.block(t)
	}
	return n.flow + len(n.columns)
}

func (n *nesting) block(t *token.Token) {
	if n.flow > 0 || t.Position == nil {
		return
	}
	column := t.Position.Column
	for len(n.columns) > 0 && n.columns[len(n.columns)-1] > column {
		n.columns = n.columns[:len(n.columns)-1]
	}
	if len(n.columns) == 0 || n.columns[len(n.columns)-1] < column {
		n.columns = append(n.columns, column)
	}
}

func lineOf(t *token.Token) int {
	if t.Position == nil {
		return 0
	}
	return t.Position.Line
}

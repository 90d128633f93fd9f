package main

import (
	"strings"
	"testing"
)

func TestHostLine(t *testing.T) {
	if got := hostLine("a card"); !strings.HasPrefix(got, "a card, ") || !strings.Contains(got, " cores, go1.") {
		t.Error(got)
	}
	if path, err := self(); err != nil || path == "" {
		t.Errorf("%q, %v", path, err)
	}
}

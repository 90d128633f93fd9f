package limits

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// KeepAttributes adds to kept what fits of more, so that the names and values in kept are at most
// so many bytes; what is in kept already goes first, then the shorter names in order. It returns
// how many attributes were left out. A value that replaces one may be left out too; the old one
// stays.
func KeepAttributes(kept, more map[string]string, bytes int) (left int) {
	size := 0
	for name, value := range kept {
		size += len(name) + len(value)
	}
	for _, name := range slices.SortedFunc(maps.Keys(more), shorter) {
		grow := len(name) + len(more[name])
		if old, ok := kept[name]; ok {
			grow = len(more[name]) - len(old)
		}
		if size+grow > bytes {
			left++
			continue
		}
		kept[name] = more[name]
		size += grow
	}
	return left
}

func shorter(a, b string) int {
	if d := len(a) - len(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// Cut returns the beginning of a text, at most so many bytes and in whole characters.
func Cut(text string, bytes int) string {
	if len(text) <= bytes {
		return text
	}
	for bytes > 0 && !utf8.RuneStart(text[bytes]) {
		bytes--
	}
	return text[:bytes]
}

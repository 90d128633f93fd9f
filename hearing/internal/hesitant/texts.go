package hesitant

import (
	_ "embed" // the sentences
	"strings"
)

//go:embed tuned.txt
var tuned string

//go:embed heldout.txt
var heldOut string

// Texts are the sentences that rules are tuned on, or those that judge them.
func Texts(judge bool) []string {
	if judge {
		return strings.Split(strings.TrimSpace(heldOut), "\n")
	}
	return strings.Split(strings.TrimSpace(tuned), "\n")
}

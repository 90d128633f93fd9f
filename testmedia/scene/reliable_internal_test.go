package scene

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// row is a line of a table of the card: a group of questions, figures, and whether it reaches its
// goal.
var row = regexp.MustCompile(`(?m)^\| ([a-z0-9 -]+) \| \d+ \|.*\| (yes|\*\*no\*\*) \|$`)

// TestReliableFollowsTheCard: the groups that reached their goal in every table of the card that
// has them, and no others.
func TestReliableFollowsTheCard(t *testing.T) {
	card, err := os.ReadFile("../../models/calibration/README.md")
	if err != nil {
		t.Fatal(err)
	}
	reached := map[string]bool{}
	for _, r := range row.FindAllStringSubmatch(string(card), -1) {
		before, known := reached[r[1]]
		reached[r[1]] = r[2] == "yes" && (before || !known)
	}
	for group, yes := range reached {
		if yes != slices.Contains(reliableGroups, group) {
			t.Errorf("%s: it reached its goal wherever the card measures it: %v; it is asked: %v", group, yes, !yes)
		}
	}
	for i, group := range reliableGroups {
		if _, measured := reached[group]; !measured || slices.Contains(reliableGroups[:i], group) {
			t.Errorf("%s is asked, and not in the card, or named twice", group)
		}
	}
}

package main

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/models"
)

// checking prints a line for each model file whose digest is computed before it is loaded: because
// its times changed since it was accepted, as in a folder that was copied, or because it was asked
// for. Events come one at a time.
func checking(out *timeline) func(models.Event) {
	seen := map[string]bool{}
	return func(e models.Event) {
		name := e.Model + "/" + e.File
		if e.Phase != models.PhaseVerify || seen[name] {
			return
		}
		seen[name] = true
		out.print(line{Event: "checks", Detail: fmt.Sprintf("%s, %.0f MB", name, float64(e.Total)/1e6)})
	}
}

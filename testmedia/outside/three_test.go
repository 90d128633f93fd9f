package outside_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/outside"
)

// three: the page shows three agents, and all are heard, one after the other.
func three(t *testing.T, server *place) {
	picture, _ := quadrants(t, 50)
	page := visit(t, server.Server, "three", outside.Config{Kind: outside.Browser, Codec: "vp8", Picture: picture.Image})
	at := await(t, page, 0, "three agents listen", func(r outside.Report) bool {
		n := 0
		for _, a := range r.Agents {
			if a.State == "listening" {
				n++
			}
		}
		return n == 3
	})
	do(t, page, outside.Command{Do: "camera", On: true})
	time.Sleep(3 * time.Second) // people look up before they write; the camera needs a moment to be seen
	do(t, page, outside.Command{Do: "chat", Text: "Everybody, what do you see?"})
	for _, who := range []string{"iris", "max", "otto"} {
		await(t, page, at, who+" is heard", func(r outside.Report) bool { return r.Event == "sound" && r.Who == who && r.On })
		await(t, page, at, who+" says what is there", func(r outside.Report) bool {
			return r.Event == "transcript" && r.Who == who && len(picture.StatedFacts(r.Text)) >= 4
		})
	}
	if dir := os.Getenv(binaryEnv + "_PICTURES"); dir != "" {
		do(t, page, outside.Command{Do: "picture", Path: filepath.Join(dir, "stock-page.png")})
	}
	do(t, page, outside.Command{Do: "chat", Text: "Max, how many colours are there?"})
	await(t, page, at, "the page shows why iris is silent", func(r outside.Report) bool {
		return slices.ContainsFunc(r.Agents, func(a outside.Agent) bool { return a.Who == "iris" && strings.HasSuffix(a.Silence, " not_addressed") })
	})
}

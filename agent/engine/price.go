package engine

import (
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// What the work of models takes of a processor, in thousandths of a core. A model that uses two
// threads for a moment is priced below that: the price bounds how much runs at once, the operating
// system shares the rest.
const (
	unitsClip    = 400
	unitsInterim = 400
	unitsTurn    = 400
	unitsFinal   = 800
	unitsReply   = 400
	unitsVoice   = 600
)

// Priorities: what somebody waits for comes before what can wait.
const (
	priorityInterim = 10
	priorityTurn    = 85
	priorityReply   = 90
	priorityVoice   = 95
	priorityFinal   = 100
)

const (
	modelTTL = time.Minute // of a lease around one run of a model
	onGPU    = 25          // percent of a GPU that one run of a model is priced at
)

// place is where the models of a resolution run.
type place struct{ silicon compute.Silicon }

// onProcessor is where what runs on no other silicon runs, wherever the language model does.
var onProcessor = place{compute.SiliconCPU} // read only

// price is what work costs there that takes so many thousandths of a core.
func (p place) price(ofCore int64) int64 {
	if p.silicon == compute.SiliconGPU {
		return onGPU
	}
	return ofCore
}

// Holder is who leases name as their holder: one persona may be in many rooms.
type Holder struct{ Room, Persona string }

// String is <room>/<persona>, and <room> for what is done for a room whoever is in it.
func (h Holder) String() string {
	if h.Persona == "" {
		return h.Room
	}
	return h.Room + "/" + h.Persona
}

// artifact names what is made for a holder: the room tells the same persona in two rooms apart.
func (h Holder) artifact(kind string, turn uint64) string {
	return fmt.Sprintf("%s/%s/%d/%s", kind, h.Room, turn, h.Persona)
}

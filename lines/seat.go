package lines

import (
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
)

// OfSeat describes what becomes of a persona's seat.
func OfSeat(st agent.SeatStatus) Line {
	l := Line{At: st.Since, Event: "seat", Who: st.Persona, Room: st.Room, Detail: string(st.State)}
	if st.Err != nil {
		l.Error, l.Detail = fmt.Sprintf("%s: %v", st.State, st.Err), ""
	}
	if !st.Next.IsZero() {
		l.Error += fmt.Sprintf("; tried again in %s", time.Until(st.Next).Round(time.Second))
	}
	return l
}

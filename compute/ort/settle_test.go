package ort_test

import (
	"runtime"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

func TestSettleGivesGarbageBack(t *testing.T) {
	const garbage = 256 << 20
	held := func() int64 { // from the system
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapSys - m.HeapReleased) // sizes of memory
	}
	ort.Settle()
	before := held()
	room := make([]byte, garbage)
	used := held()
	runtime.KeepAlive(room)
	ort.Settle()
	if after := held(); used-before < garbage*3/4 || after-before > garbage/4 {
		t.Errorf("%d MB before, %d MB with garbage, %d MB after", before>>20, used>>20, after>>20)
	}
}

package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/worker"
)

// TestMetadataIsTheHandlersBusiness: whatever a dispatch says, the job is done with it as it is;
// what is no text makes the message malformed, which is counted, and the connection lives.
func TestMetadataIsTheHandlersBusiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		jobs := make(chan worker.Job, 1)
		w, stop := start(t, f, worker.Config{Handler: func(_ context.Context, j worker.Job) error { jobs <- j; return nil }})
		p := f.accept()
		for i, text := range []string{"", "{", `{"a":`, "\x00\x1b[2J\u202e", strings.Repeat("[", 1<<20)} {
			job := fakeJob(fmt.Sprint("AJ_", i), "iris")
			job.Metadata = text
			p.put(availability(job))
			if a := until(p, (*livekit.WorkerMessage).GetAvailability); !a.GetAvailable() {
				t.Fatalf("%d: declined", i)
			}
			p.put(assignment(job, "token", ""))
			if j := <-jobs; j.Metadata != text {
				t.Errorf("%d: %d bytes of metadata", i, len(j.Metadata))
			}
			p.job()
			if how := p.job().GetStatus(); how != livekit.JobStatus_JS_SUCCESS {
				t.Errorf("%d: %v", i, how)
			}
		}
		job := fakeJob("AJ_bytes", "iris")
		job.Metadata = "no text"
		p.raw(websocket.BinaryMessage, bytes.Replace(frame(t, availability(job)), []byte("no text"), []byte("\xffo text"), 1))
		if a := p.offer("AJ_after", "iris"); a.GetJobId() != "AJ_after" || !a.GetAvailable() {
			t.Errorf("%v", a)
		}
		synctest.Wait()
		if n := w.Status().Counts[worker.ReasonMalformed]; n != 1 {
			t.Errorf("%d malformed", n)
		}
		p.hangUp()
		_ = stop()
	})
}

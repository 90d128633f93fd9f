package worker_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sensory-agent/sensory-agent/agent/worker"
)

func wait(ctx context.Context, _ worker.Job) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func TestAJobIsDoneAndItsReservationGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		jobs, released := make(chan worker.Job, 1), make(chan struct{})
		w, stop := start(t, f, worker.Config{
			Handler: func(_ context.Context, j worker.Job) error { jobs <- j; return nil },
			Reserve: func(o worker.Offer) (worker.Reservation, error) {
				if o.Agent != "iris" || o.Job.GetRoom().GetName() != "lobby" {
					t.Errorf("%+v", o)
				}
				return worker.Reservation{Identity: "iris-1", Value: 7, Release: func() { close(released) }}, nil
			},
		})
		p := f.accept()
		if a := p.offer("AJ_1", "iris"); !a.GetAvailable() || a.GetParticipantIdentity() != "iris-1" {
			t.Errorf("%v", a)
		}
		p.assign("AJ_1", "iris")
		if got := p.job().GetStatus().String(); got != "JS_RUNNING" {
			t.Error(got)
		}
		j := <-jobs
		if j.ID != "AJ_1" || j.Value != 7 || j.Token != "token" || j.URL != "http://127.0.0.1:7880/base/" || j.Identity != "iris-1" {
			t.Errorf("%+v", j)
		}
		<-released
		if got := p.job().GetStatus().String(); got != "JS_SUCCESS" {
			t.Error(got)
		}
		synctest.Wait()
		if st := w.Status(); !st.Serving || len(st.Jobs) != 0 {
			t.Errorf("%+v", st)
		}
		p.hangUp()
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestAPanicEndsItsJobAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		var log bytes.Buffer
		released := make(chan struct{}, 9)
		w, stop := start(t, f, worker.Config{
			MaxJobs: 3,
			Logger:  slog.New(slog.NewTextHandler(&log, nil)),
			Load:    func() float64 { return 0.25 },
			Handler: func(ctx context.Context, j worker.Job) error {
				if j.ID == "AJ_bad" {
					panic("boom in the handler")
				}
				return wait(ctx, j)
			},
			Reserve: func(o worker.Offer) (worker.Reservation, error) {
				if o.Job.GetId() == "AJ_worse" {
					panic("boom in reserve")
				}
				return worker.Reservation{Release: func() { released <- struct{}{}; panic("boom in release") }}, nil
			},
			Report: func(e worker.Event) { panic("boom in report " + e.Kind) },
		})
		p := f.accept()
		p.offer("AJ_good", "iris")
		p.assign("AJ_good", "iris")
		p.job()
		if a := p.offer("AJ_worse", "iris"); a.GetAvailable() {
			t.Error("a panic in Reserve accepted the job")
		}
		p.offer("AJ_bad", "iris")
		p.assign("AJ_bad", "iris")
		p.job()
		if u := p.job(); u.GetStatus().String() != "JS_FAILED" || !strings.Contains(u.GetError(), "boom in the handler") {
			t.Errorf("%v", u)
		}
		<-released
		synctest.Wait()
		if st := w.Status(); len(st.Jobs) != 1 || st.Jobs[0].ID != "AJ_good" || !st.Serving {
			t.Errorf("%+v", st)
		}
		go func() { // reads what is sent until the end
			for p.get() != nil {
			}
			p.hangUp()
		}()
		if err := stop(); err != nil {
			t.Error(err)
		}
		for _, text := range []string{"boom in the handler", "boom in reserve", "boom in release", "boom in report", "worker_test.go"} {
			if !strings.Contains(log.String(), text) {
				t.Errorf("the log does not say %q", text)
			}
		}
	})
}

func TestJobsLiveOnOverAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		cause := make(chan error, 1)
		w, stop := start(t, f, worker.Config{Handler: func(ctx context.Context, j worker.Job) error {
			err := wait(ctx, j)
			cause <- err
			return err
		}})
		p := f.accept()
		p.offer("AJ_1", "iris")
		p.assign("AJ_1", "iris")
		p.job()
		f.away.Store(true)
		p.hangUp()
		time.Sleep(time.Minute)
		st := w.Status()
		if st.Serving || len(st.Jobs) != 1 || st.Agents[0].Attempts < 6 || !strings.Contains(st.Agents[0].Error, errAway.Error()) {
			t.Errorf("%+v", st)
		}
		f.away.Store(false)
		p = f.accept()
		if u := p.get(); len(u.GetMigrateJob().GetJobIds()) != 1 {
			t.Errorf("the job is not told of: %v", u)
		}
		select {
		case err := <-cause:
			t.Errorf("the job ended: %v", err)
		default:
		}
		done := make(chan error)
		go func() { done <- stop() }()
		if u := p.job(); u.GetStatus().String() != "JS_FAILED" || u.GetError() != worker.ErrStopped.Error() {
			t.Errorf("%v", u)
		}
		p.hangUp()
		if err := <-done; err != nil || !errors.Is(<-cause, worker.ErrStopped) {
			t.Errorf("%v", err)
		}
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		goOn := make(chan struct{})
		w, stop := start(t, f, worker.Config{Handler: func(context.Context, worker.Job) error { <-goOn; return nil }})
		p := f.accept()
		p.offer("AJ_1", "iris")
		p.assign("AJ_1", "iris")
		p.job()
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		drained := make(chan error)
		go func() { drained <- w.Drain(impatient) }()
		if err := <-drained; !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if a := p.offer("AJ_2", "iris"); a.GetAvailable() {
			t.Error("took a job while draining")
		}
		code, body := get(t, w, "/")
		if code != http.StatusServiceUnavailable || !strings.Contains(body, "drained") {
			t.Errorf("%d %s", code, body)
		}
		close(goOn)
		if got := p.job().GetStatus().String(); got != "JS_SUCCESS" {
			t.Error(got)
		}
		for p.get() != nil {
		}
		p.hangUp()
		if err := w.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := w.Run(t.Context()); !errors.Is(err, worker.ErrRunning) {
			t.Errorf("a second run: %v", err)
		}
	})
}

func TestFramesThatAreNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		w, stop := start(t, f, worker.Config{Handler: wait})
		p := f.accept()
		p.raw(websocket.BinaryMessage, []byte{0xff, 0xff})
		p.raw(websocket.TextMessage, []byte(`{"pong":{}}`))
		p.raw(websocket.BinaryMessage, nil)
		if a := p.offer("AJ_1", "iris"); !a.GetAvailable() {
			t.Error("the connection has not lived")
		}
		synctest.Wait()
		if st := w.Status(); st.Counts[worker.ReasonMalformed] != 2 || st.Counts[worker.ReasonUnknown] != 1 {
			t.Errorf("%v", st.Counts)
		}
		// One that is too large ends the connection, and the worker opens another.
		_ = p.ws.WriteMessage(websocket.BinaryMessage, make([]byte, worker.DefaultMaxMessage+1))
		for p.get() != nil {
		}
		p.hangUp()
		p = f.accept()
		if a := p.offer("AJ_2", "iris"); !a.GetAvailable() {
			t.Error("the new connection is none")
		}
		p.hangUp()
		_ = stop()
	})
}

func TestAServerThatFallsSilentIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		w, stop := start(t, f, worker.Config{Handler: wait})
		p := f.accept()
		go func() { // it reads, and never writes
			for p.get() != nil {
			}
		}()
		time.Sleep(29 * time.Second)
		if !w.Status().Serving {
			t.Error("left too early")
		}
		if err := p.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
			t.Error(err)
		}
		time.Sleep(29 * time.Second) // a ping is a sign of life
		if !w.Status().Serving {
			t.Error("left too early")
		}
		time.Sleep(2 * time.Second)
		if st := w.Status(); st.Serving || !strings.Contains(st.Agents[0].Error, worker.ErrSilent.Error()) {
			t.Errorf("%+v", st)
		}
		f.away.Store(true)
		p.hangUp()
		_ = stop()
	})
}

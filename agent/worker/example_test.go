package worker_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/worker"
)

// A whole agent: it joins the room of every dispatch of "greeter" and says hello in the chat. The
// first signal drains it, a second one stops it.
func Example() {
	w, err := worker.New(worker.Config{
		URL: os.Getenv("LIVEKIT_URL"), APIKey: os.Getenv("LIVEKIT_API_KEY"), APISecret: os.Getenv("LIVEKIT_API_SECRET"),
		Agents:  []worker.Agent{{Name: "greeter"}},
		MaxJobs: 20,
		Handler: greet,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	health := &http.Server{Addr: "127.0.0.1:8081", Handler: w.HTTP(), ReadHeaderTimeout: time.Second}
	go func() { _ = health.ListenAndServe() }()
	defer func() { _ = health.Close() }()

	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		<-signals
		go func() { _ = w.Drain(ctx) }()
		<-signals
		stop()
	}()
	if err := w.Run(ctx); err != nil {
		fmt.Println(err)
	}
}

// greet does one job: it returns when the room ends or the server wants it to.
func greet(ctx context.Context, job worker.Job) error {
	gone := make(chan struct{}, 1)
	room, err := lksdk.ConnectToRoomWithToken(job.URL, job.Token, &lksdk.RoomCallback{
		OnDisconnected: func() {
			select {
			case gone <- struct{}{}:
			default: // it is known already
			}
		},
	})
	if err != nil {
		return fmt.Errorf("join %s: %w", job.Room, err)
	}
	defer room.Disconnect()
	room.LocalParticipant.SendText("Hello from "+job.Agent, lksdk.StreamTextOptions{Topic: "lk.chat"})
	select {
	case <-gone: // removed, or the room was closed
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

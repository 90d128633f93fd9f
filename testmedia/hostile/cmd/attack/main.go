package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/sensory-agent/sensory-agent/testmedia/hostile"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "attack:", err)
		os.Exit(1)
	}
}

func run() error {
	room := flag.String("room", "", "room to attack")
	persona := flag.String("persona", "persona", "identity of the persona in it")
	duration := flag.Duration("for", time.Minute, "how long")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := hostile.Everything(ctx, hostile.Config{
		URL: os.Getenv("LIVEKIT_URL"), APIKey: os.Getenv("LIVEKIT_API_KEY"), APISecret: os.Getenv("LIVEKIT_API_SECRET"),
		Room: *room, Identity: "mallory",
	}, *persona, *duration)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

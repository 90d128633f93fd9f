package sensory_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	sensory "github.com/sensory-agent/sensory-agent"
)

// One persona in one room, until Ctrl-C.
func ExampleMachine_Serve() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	iris := sensory.Persona{Name: "iris", Profile: "text", Prompt: "You are Iris, a botanist. Answer in one sentence.", Greeting: "Hello, I am Iris."}
	m, err := sensory.Open(ctx, sensory.Config{}, iris)
	if err != nil {
		log.Fatal(err) // says what is missing, and the command that fetches it
	}
	defer func() {
		if err := m.Close(); err != nil {
			log.Print(err)
		}
	}()
	at := sensory.Server{
		URL: "ws://127.0.0.1:7880", APIKey: "devkey", APISecret: os.Getenv("LIVEKIT_API_SECRET"),
		Observe: func(e sensory.Event) { fmt.Println(e.Event, e.Room, e.Who, e.Text, e.Detail, e.Error) },
	}
	err = m.Serve(ctx, at, sensory.Set{
		Personas: []sensory.Persona{iris},
		Rooms:    []sensory.Room{{Name: "lobby", Personas: []string{"iris"}}},
	})
	if err != nil {
		log.Print(err)
	}
}

// A persona joins a room with a token that somebody else made.
func ExampleMachine_Join() {
	ctx := context.Background()
	eyes := sensory.Persona{Name: "eyes", Voice: "piper:en_US-joe-medium"}
	m, err := sensory.Open(ctx, sensory.Config{}, eyes)
	if err != nil {
		log.Fatal(err)
	}
	err = m.Join(ctx, sensory.Server{URL: "wss://rooms.example", Token: os.Getenv("LIVEKIT_TOKEN")}, "lobby", eyes)
	if err := m.Close(); err != nil {
		log.Print(err)
	}
	if err != nil {
		log.Print(err)
	}
}

// What a persona would run on, without loading anything.
func ExampleMachine_Resolve() {
	eyes := sensory.Persona{Name: "eyes"}
	m, err := sensory.Open(context.Background(), sensory.Config{}, eyes)
	if err != nil {
		log.Fatal(err)
	}
	res, err := m.Resolve(eyes)
	fmt.Println(res.Base.ID, res.Silicon, err)
	if err := m.Close(); err != nil {
		log.Print(err)
	}
}

package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
)

// Public answers of the program, as far as the smoke reads them.
type (
	chatEntry struct {
		ID      string    `json:"id"`
		From    string    `json:"from"`
		Role    string    `json:"role"`
		Text    string    `json:"text"`
		ReplyTo string    `json:"reply_to"`
		Key     string    `json:"key"`
		At      time.Time `json:"at"`
	}
	turnEntry struct {
		Message     string `json:"message"`
		Fingerprint string `json:"fingerprint"`
		Outcomes    []struct {
			Persona string `json:"persona"`
			Finish  int64  `json:"finish_ms"`
			Cut     string `json:"cut"`
		} `json:"outcomes"`
		Silences    []Silence `json:"silences"`
		Divergences []struct {
			Kind    string `json:"kind"`
			Persona string `json:"persona"`
			Was     string `json:"was"`
		} `json:"divergences"`
		Begin time.Time `json:"begin"`
	}
)

// pageLimit bounds one question to the program.
const pageLimit = 5 * time.Second

// ask puts a question to the program at an address, which asks for no token.
func ask[T any](ctx context.Context, address string, question func(context.Context, *client.Client) (T, error)) (out T, err error) {
	c, err := client.New(address, "")
	if err != nil {
		return out, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, pageLimit)
	defer cancel()
	return question(ctx, c)
}

// settled tells whether so many seats are ready, or will never be.
func settled(ctx context.Context, address string, seats int) bool {
	list, err := ask(ctx, address, func(ctx context.Context, c *client.Client) (*sensoryv1.ListSeatsResponse, error) {
		return c.Personas.ListSeats(ctx, &sensoryv1.ListSeatsRequest{})
	})
	return err == nil && len(list.GetSeats()) == seats && // else it is loading
		!slices.ContainsFunc(list.GetSeats(), func(s *sensoryv1.Seat) bool { return !s.GetReady() && s.GetState() != "failed" })
}

// generations is how many replies have been generated so far, here and elsewhere.
func generations(ctx context.Context, address string) (n int, err error) {
	all, err := ask(ctx, address, func(ctx context.Context, c *client.Client) (*sensoryv1.ListLeasesResponse, error) {
		return c.Machine.ListLeases(ctx, &sensoryv1.ListLeasesRequest{})
	})
	if err != nil {
		return 0, err
	}
	for _, pool := range all.GetPools() {
		for _, c := range pool.GetClasses() {
			if c.GetClass() == "LOCAL_GENERATION" || c.GetClass() == "CLOUD_PROVIDER" {
				n += int(c.GetGranted())
			}
		}
	}
	return n, nil
}

// lines reads JSON lines.
func lines[T any](data []byte) (out []T, err error) {
	for line := range bytes.Lines(data) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return nil, fmt.Errorf("%q is no answer of the program: %w", line, err)
		}
		out = append(out, v)
	}
	return out, nil
}

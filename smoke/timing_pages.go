package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Public answers of the program, as far as the smoke reads them.
type (
	seatPage struct {
		State string `json:"state"`
		Ready bool   `json:"ready"`
	}
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
	leasePage struct {
		Pools []struct {
			Classes []struct {
				Class   string `json:"class"`
				Granted int    `json:"granted"`
			} `json:"classes"`
		} `json:"pools"`
	}
)

// settled tells whether so many seats are ready, or will never be.
func settled(ctx context.Context, address string, seats int) bool {
	var list []seatPage
	if page(ctx, address, "/v1/seats", &list) != nil {
		return false // it is loading
	}
	return len(list) == seats && !slices.ContainsFunc(list, func(s seatPage) bool { return !s.Ready && s.State != "failed" })
}

// pageLimit bounds one question to the program.
const pageLimit = 5 * time.Second

// page reads one page of the running program.
func page(ctx context.Context, address, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, pageLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return json.Unmarshal(body, into)
}

// generations is how many replies have been generated so far, here and elsewhere.
func generations(ctx context.Context, address string) (n int, err error) {
	var p leasePage
	if err := page(ctx, address, "/v1/leases", &p); err != nil {
		return 0, err
	}
	for _, pool := range p.Pools {
		for _, c := range pool.Classes {
			if c.Class == "LOCAL_GENERATION" || c.Class == "CLOUD_PROVIDER" {
				n += c.Granted
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

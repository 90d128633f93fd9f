package main

import (
	"context"
	"errors"
	"os"

	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/store"
)

// checkStore looks at the store that the configuration file or the environment names.
func checkStore(ctx context.Context, configFile string) check {
	c := check{Name: "store", Status: checkNote, Detail: "none is named: nothing is kept", Fix: "store.path in the configuration file, or --store; see docs/store.md"}
	file, err := config.Load(configFile)
	if err != nil {
		c.Detail, c.Fix = "not looked at: the configuration file is wrong", ""
		return c
	}
	place, err := store.Locate(file.Text("store.path", ""), file.Text("store.address_file", ""), os.Getenv(store.AddressEnv))
	if err != nil {
		return check{Name: "store", Status: checkMissing, Detail: err.Error()}
	}
	if place == "" {
		return c
	}
	facts, err := store.Inspect(ctx, place)
	switch {
	case errors.Is(err, store.ErrMissing):
		return check{Name: "store", Status: checkNote, Detail: err.Error(), Fix: "serve and join make it"}
	case err != nil:
		return check{Name: "store", Status: checkMissing, Detail: err.Error(), Fix: "docs/store.md says what each error means"}
	}
	c = check{Name: "store", Status: checkOK, Detail: factsLine(&facts)}
	if facts.Unwritable != nil {
		c.Status, c.Fix = checkMissing, "docs/store.md says what each error means"
	}
	return c
}

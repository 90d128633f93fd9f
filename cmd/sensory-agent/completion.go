package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/tts"
)

// completeLimit is how long a shell waits for a running program. One on this machine answers in
// milliseconds; where none does, nothing is offered.
const completeLimit = 500 * time.Millisecond

// suggest gives the words that may stand somewhere.
type suggest func(cmd *cobra.Command) []string

// offer makes a completion of words: those that begin as what is typed. Words of one's own are
// taken as well, so that files are offered nowhere.
func offer(words suggest) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		list, last := "", begun
		if i := strings.LastIndexByte(begun, ','); i >= 0 { // of a list the last one is being typed
			list, last = begun[:i+1], begun[i+1:]
		}
		var out []string
		for _, w := range words(cmd) {
			if strings.HasPrefix(w, last) && !strings.ContainsAny(w, "\n\r") {
				out = append(out, list+w)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// these are words that never change.
func these(words ...string) suggest { return func(*cobra.Command) []string { return words } }

// complete has shells offer values of flags and arguments of every command below root.
func complete(root *cobra.Command) {
	flags := map[string]suggest{
		"log-level": these("debug", "info", "warn", "error"), "log-format": these("text", "json"),
		"codec": these("vp8", "h264", "vp9", "av1"), "history": these("room", "off", "stored"), "remember": these("never", "on_request", "auto"),
		"kind": kinds, "profile": profiles, "voice": voices, "set": sets, "room": rooms, "to": personas, "persona": personas,
		"status": statuses,
	}
	paths := []string{"config", "store", "models-dir", "token-file", "listen-token-file", "api-secret-file", "record", "out"}
	args := map[string]suggest{
		"room state": rooms, "persona show": personas, "persona remove": personas, "persona mute": personas, "persona next": personas, "persona stop": personas,
		"models pull": ids, "models verify": ids, "models remove": ids, "models import": ids,
	}
	var add func(cmd *cobra.Command)
	add = func(cmd *cobra.Command) {
		each := func(f *pflag.Flag) {
			words, known := flags[f.Name]
			switch {
			case f.Name == "kind" && cmd.Name() != "events": // another one
			case known:
				_ = cmd.RegisterFlagCompletionFunc(f.Name, offer(words)) // it is registered once
			case f.Value.Type() == "string" && !slices.Contains(paths, f.Name):
				_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
			}
		}
		cmd.LocalNonPersistentFlags().VisitAll(each)
		cmd.PersistentFlags().VisitAll(each)
		if words := args[strings.TrimPrefix(cmd.CommandPath(), root.Name()+" ")]; words != nil {
			cmd.ValidArgsFunction = offer(words)
		}
		for _, child := range cmd.Commands() {
			add(child)
		}
	}
	add(root)
}

func statuses(*cobra.Command) (out []string) {
	for _, s := range memory.Statuses() {
		out = append(out, string(s))
	}
	return out
}

func kinds(*cobra.Command) (out []string) {
	for _, k := range agent.Kinds() {
		out = append(out, string(k))
	}
	return out
}

// catalog is that of the models folder that the command names; nil where it cannot be read: nothing
// is offered then.
func catalog(cmd *cobra.Command) *models.Catalog {
	dir := ""
	if f := cmd.Flag("models-dir"); f != nil {
		dir = f.Value.String()
	}
	store, err := models.Open(dir, models.Options{})
	if err != nil {
		return nil
	}
	defer store.Close()
	return store.Catalog()
}

func profiles(cmd *cobra.Command) (out []string) {
	if c := catalog(cmd); c != nil {
		for i := range c.Profiles {
			out = append(out, c.Profiles[i].ID)
		}
	}
	return out
}

func ids(cmd *cobra.Command) (out []string) {
	if c := catalog(cmd); c != nil {
		for i := range c.Entries {
			out = append(out, c.Entries[i].ID)
		}
	}
	return out
}

func sets(cmd *cobra.Command) []string {
	if c := catalog(cmd); c != nil {
		return c.SetNames()
	}
	return nil
}

// voices are those that the catalog installs, and those of Piper that are in it besides.
func voices(cmd *cobra.Command) []string {
	out := tts.KnownVoices()
	for _, id := range ids(cmd) {
		if name, ok := strings.CutPrefix(id, "piper-"); ok && !slices.Contains(out, "piper:"+name) {
			out = append(out, "piper:"+name)
		}
	}
	return out
}

// seatsOf are the seats of the program that the command calls; none where nobody answers.
func seatsOf(cmd *cobra.Command) []*sensoryv1.Seat {
	address, file := cmd.Flag("address"), ""
	if address == nil {
		return nil
	}
	if f := cmd.Flag("token-file"); f != nil {
		file = f.Value.String()
	}
	c, err := dial(address.Value.String(), file)
	if err != nil {
		return nil
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(cmd.Context(), completeLimit)
	defer cancel()
	return asks(ctx, c)
}

func asks(ctx context.Context, c *client.Client) []*sensoryv1.Seat {
	all, err := c.Personas.ListSeats(ctx, &sensoryv1.ListSeatsRequest{})
	if err != nil {
		return nil
	}
	return all.GetSeats()
}

// rooms are those in which the program that is called seats personas; of a command that calls none,
// those of the configuration file.
func rooms(cmd *cobra.Command) (out []string) {
	for _, s := range seatsOf(cmd) {
		out = append(out, s.GetRoom())
	}
	if cmd.Flag("address") == nil {
		for _, r := range filed(cmd).Set().Rooms {
			out = append(out, r.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// personas are those of the room that the command names, or of all, as rooms are found.
func personas(cmd *cobra.Command) (out []string) {
	in := ""
	if f := cmd.Flag("room"); f != nil {
		in = f.Value.String()
	}
	for _, s := range seatsOf(cmd) {
		if in == "" || s.GetRoom() == in {
			out = append(out, s.GetPersona())
		}
	}
	if cmd.Flag("address") == nil || cmd.Flag("offline") != nil { // personas of a store are those of a file
		for _, p := range filed(cmd).Set().Personas {
			out = append(out, p.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// filed is the configuration file that the command names; nil, which is empty, where it cannot be
// read.
func filed(cmd *cobra.Command) *config.Config {
	path := ""
	if f := cmd.Flag("config"); f != nil {
		path = f.Value.String()
	}
	file, err := config.Load(path)
	if err != nil {
		return nil
	}
	return file
}

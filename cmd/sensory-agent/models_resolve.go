package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/models/host"
)

// modelsResolveFlags are the flags of "models resolve".
type modelsResolveFlags struct {
	profile   string
	host      string
	explain   bool
	printHost bool
	assume    bool
}

// modelsRefused is what "models resolve --json" prints when no model qualifies.
type modelsRefused struct {
	Error   string              `json:"error"`
	Message string              `json:"message"`
	Refusal *model.RefusalError `json:"refusal"`
}

func newModelsResolveCommand(flags *modelsFlags) *cobra.Command {
	own := &modelsResolveFlags{}
	cmd := &cobra.Command{
		Use:   "resolve --profile NAME",
		Short: "Say which model would serve a profile on this host, or why none can",
		Args:  modelsNoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runModelsResolve(cmd, flags, own)
		},
	}
	cmd.Flags().StringVar(&own.profile, "profile", defaultProfile, profileUsage)
	cmd.Flags().StringVar(&own.host, "host", "", "take the host facts from this JSON file instead of this machine")
	cmd.Flags().BoolVar(&own.explain, "explain", false, "show each filter, who fell out there and why")
	cmd.Flags().BoolVar(&own.printHost, "print-host", false, "print the host facts as JSON and stop")
	cmd.Flags().BoolVar(&own.assume, "assume-installed", false, "plan as if every model were installed")
	return cmd
}

func runModelsResolve(cmd *cobra.Command, flags *modelsFlags, own *modelsResolveFlags) error {
	facts, err := modelsHost(cmd, own.host)
	if err != nil {
		return err
	}
	if own.printHost {
		return printJSON(cmd.OutOrStdout(), facts)
	}
	store, err := flags.open(models.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	profile, err := store.Catalog().Profile(own.profile)
	if err != nil {
		return usageError{err}
	}
	registry, err := store.Registry()
	if err != nil {
		return err
	}
	ready := store.Readiness()
	if own.assume {
		for i := range store.Catalog().Entries {
			ready.States[store.Catalog().Entries[i].ID] = model.State{Stage: model.StageVerified}
		}
	}
	if own.explain {
		return explainModels(cmd, flags, profile, registry, facts, ready)
	}
	res, err := model.Resolve(profile, registry, facts, ready)
	if err != nil {
		return refuseModels(cmd, flags, err)
	}
	if flags.json {
		return printJSON(cmd.OutOrStdout(), res)
	}
	return printText(cmd.OutOrStdout(), "%s", resolutionText(&res))
}

func modelsHost(cmd *cobra.Command, path string) (model.Host, error) {
	if path != "" {
		facts, err := host.Read(path)
		if err != nil {
			return model.Host{}, usageError{err}
		}
		return facts, nil
	}
	facts, err := host.Probe(cmd.Context(), models.Families())
	if err != nil {
		return model.Host{}, err
	}
	return facts, nil
}

// refuseModels prints a refusal as JSON if asked, and fails with it either way.
func refuseModels(cmd *cobra.Command, flags *modelsFlags, err error) error {
	err = sensory.WithChoice(err)
	var refusal *model.RefusalError
	if flags.json && errors.As(err, &refusal) {
		if perr := printJSON(cmd.OutOrStdout(), modelsRefused{Error: string(refusal.Reason), Message: err.Error(), Refusal: refusal}); perr != nil {
			return perr
		}
	}
	return err
}

func explainModels(cmd *cobra.Command, flags *modelsFlags, p model.Profile, r *model.Registry, h model.Host, ready model.Readiness) error {
	x, err := model.Explain(p, r, h, ready)
	if err != nil {
		return err
	}
	if flags.json {
		if err := printJSON(cmd.OutOrStdout(), x); err != nil {
			return err
		}
	} else if err := printText(cmd.OutOrStdout(), "%s", explanationText(&x)); err != nil {
		return err
	}
	if x.Refusal != nil {
		return x.Refusal
	}
	return nil
}

func explanationText(x *model.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "profile %s: %d base models\n", x.Profile, x.Models)
	for _, s := range x.Steps {
		fmt.Fprintf(&b, "%-22s %d left\n", s.Filter, s.Left)
		for _, d := range s.Dropped {
			fmt.Fprintf(&b, "    %s: %s", d.Model, d.Lacks)
			if d.Fix != "" {
				fmt.Fprintf(&b, "; run: %s", d.Fix)
			}
			b.WriteByte('\n')
		}
	}
	if x.Resolution != nil {
		b.WriteString(resolutionText(x.Resolution))
	}
	return b.String()
}

func resolutionText(r *model.Resolution) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Reason)
	for _, s := range r.Sources {
		how := "native"
		if !s.Native {
			how = "adapter"
		}
		fmt.Fprintf(&b, "  %-13s %s (%s)\n", s.Capability, s.From, how)
	}
	for _, p := range []struct {
		role string
		part model.Part
	}{{"ear", r.Ear}, {"interim ear", r.Interim}, {"detector", r.Detector}, {"end of turn", r.EndOfTurn}, {"voice", r.Voice}, {"reader", r.Reader}, {"names", r.Namer}, {"library", r.Library}} {
		if !p.part.IsZero() {
			fmt.Fprintf(&b, "  %-13s %s\n", p.role, p.part.ID)
		}
	}
	fmt.Fprintf(&b, "  %-13s %s expected, %s free\n", "memory", models.FormatBytes(r.ExpectedBytes), models.FormatBytes(r.FreeBytes))
	fmt.Fprintf(&b, "  %-13s %s\n", "state", r.Stage)
	if r.Sight != nil {
		fmt.Fprintf(&b, "  %-13s %s\n", "sight", r.Sight)
	}
	if r.Unverified != "" {
		fmt.Fprintf(&b, "  %-13s %s\n", "unverified", r.Unverified)
	}
	return b.String()
}

package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/sensory-agent/sensory-agent/config"
)

// next is what to run after init.
const next = `%[1]s is written: one persona in one room. What to run next:
  sensory-agent models pull embedded smollm2-135m-instruct      # once: ears, voice and language model, about 390 MB
  sensory-agent doctor --config %[1]s                           # says what is missing
  export LIVEKIT_URL=ws://127.0.0.1:7880 LIVEKIT_API_KEY=… LIVEKIT_API_SECRET=…
  sensory-agent serve --config %[1]s --listen 127.0.0.1:8081
`

func newInitCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented configuration file with one persona, and say what to run next",
		Long: "Writes FILE, personas.yaml without one: a persona in a room, and every other key as a comment.\n" +
			"A file that is there is left as it is, unless --force is given.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "personas.yaml"
			if len(args) > 0 {
				path = args[0]
			}
			err := config.WriteStarter(path, force)
			if errors.Is(err, config.ErrExists) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			return printText(cmd.OutOrStdout(), next, path)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	return cmd
}

func newConfigSchemaCommand() *cobra.Command {
	var policy bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration file, for editors",
		Long: `Prints the shape of the file as JSON Schema (draft 2020-12), with what each key means. Editors that know it complete and check:
put "# yaml-language-server: $schema=config.schema.json" into the first line. It takes every file that this program takes; names that are
taken and seats for nobody only the program sees (doctor).`,
		Example: "  sensory-agent config schema >config.schema.json\n  sensory-agent config schema --policy >policy.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if policy {
				return printJSON(cmd.OutOrStdout(), config.PolicySchema())
			}
			return printJSON(cmd.OutOrStdout(), config.Schema())
		},
	}
	cmd.Flags().BoolVar(&policy, "policy", false, "the schema of a policy file instead")
	return cmd
}

func newManCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages of every command into a folder",
		Long: "Writes one page for each command, section 1, into FOLDER, for example /usr/local/share/man/man1.\n" +
			"Completion for shells: sensory-agent completion --help.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return usageError{err}
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // a page is the same on every day
			if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: version()}, args[0]); err != nil {
				return fmt.Errorf("write manual pages: %w", err)
			}
			return nil
		},
	}
}

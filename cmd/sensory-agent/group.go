package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// group is a command that only holds others. By itself it explains them; what it does not know is a
// wrong call, answered with what there is.
func group(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var known []string
			for _, child := range cmd.Commands() {
				if child.IsAvailableCommand() {
					known = append(known, child.Name())
				}
			}
			return usageError{fmt.Errorf("unknown command %q of %s; there are: %s", args[0], use, strings.Join(known, ", "))}
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(children...)
	return cmd
}

package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/store"
)

// placeFlags say where a store is.
type placeFlags struct{ path, addressFile string }

const (
	placeFlag   = "store"
	addressFlag = "store-address-file"
)

func (f *placeFlags) register(fs *pflag.FlagSet, use string) {
	fs.StringVar(&f.path, placeFlag, "", use)
	fs.StringVar(&f.addressFile, addressFlag, "", "the store is at the postgres:// address, with its password, that is in this file ["+store.AddressEnv+"]")
}

// given tells whether a flag says where the store is.
func (f *placeFlags) given(cmd *cobra.Command) bool {
	return cmd.Flags().Changed(placeFlag) || cmd.Flags().Changed(addressFlag)
}

// locate finds the store: by the flags, else by the configuration file, else by the environment. ""
// is none.
func (f *placeFlags) locate(cmd *cobra.Command, file *config.Config) (string, error) {
	path, address := f.path, f.addressFile
	switch {
	case !f.given(cmd):
		path, address = file.Text("store.path", ""), file.Text("store.address_file", "")
	case !cmd.Flags().Changed(addressFlag):
		address = ""
	case !cmd.Flags().Changed(placeFlag):
		path = ""
	}
	env := ""
	if !f.given(cmd) { // an empty flag says: none
		env = os.Getenv(store.AddressEnv)
	}
	place, err := store.Locate(path, address, env)
	if err != nil {
		return "", usageError{err}
	}
	return place, nil
}

// need is locate, and it is an error where there is none.
func (f *placeFlags) need(cmd *cobra.Command, file *config.Config) (string, error) {
	place, err := f.locate(cmd, file)
	if err == nil && place == "" {
		err = usageError{errors.New("no store: give --store, or store.path in the configuration file")}
	}
	return place, err
}

// Package childenv chooses what a child process may know of this process's environment.
//
// In: an environment as os.Environ gives it. Out: a new one that holds what the child needs and no
// secret that it does not. Programs that are no part of this one get a list of names that are let
// through (Local, Fetcher): a secret under a name that nobody thought of stays here. Commands of
// this program get everything but the credentials of the LiveKit server (Own), since a persona's
// own providers are named by its configuration.
//
// The package is pure: it reads no environment itself.
package childenv

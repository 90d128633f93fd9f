// Package deploy checks what is under deploy/: the chart with Helm's own linter and renderer and
// with the types of Kubernetes, the unit with systemd-analyze. It is a module of its own: nothing
// of Helm or Kubernetes is part of the program.
package deploy

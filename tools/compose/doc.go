// Package compose holds no code of its own: its tests load the container files of the repository
// the way Docker Compose does, and hold them to what the project promises of them. No container
// engine is needed.
package compose

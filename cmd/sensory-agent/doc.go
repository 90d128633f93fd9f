// Command sensory-agent puts personas that hear, see and speak into LiveKit rooms.
package main

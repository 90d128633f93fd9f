// Package browser drives a page of LiveKit's stock parts (livekit-client, components-react) in
// headless Chromium: what people with a browser see and hear of a room.
//
// In: a token, what the fake microphone says and the fake camera shows, and commands. Out: what the
// page shows, as reports: states of agents, transcripts in both forms, chat, when an agent's track
// is loud. Nothing of the page knows this program; page/ is an npm project of its own with its
// versions locked, and is installed by scripts/test-browser only. [Open] starts one process of
// Node.js, which starts the browser; Close ends both.
package browser

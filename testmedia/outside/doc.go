// Package outside drives clients that are not ours: a page of LiveKit's stock parts
// (livekit-client, components-react) in headless Chromium, and programs on LiveKit's SDKs for
// Node.js and Python; its tests run agents on LiveKit's frameworks, too. They are what people who
// know nothing of this program see and hear of a room.
//
// In: a token, what microphone and camera have to offer, and commands. Out: reports: states of
// agents, transcripts, chat, when an agent's track is loud. page/, node/ and python/ are projects
// of their own with their versions locked; scripts/test-clients installs them. [Open] starts one
// process, Close ends it and what it started.
package outside

// Package web is the console: a page that shows what the personas of a process hear, see, say and
// wait for, and from which people join, ask and steer. [New] serves it.
//
// src/ is its source, in TypeScript; dist/ is what npm run build makes of it, packed, and is part
// of the repository, so that a fresh clone builds without npm. scripts/test-page builds it again
// and compares, and opens it in a browser beside a real service.
//
// The page asks its own origin (package api) and speaks with one LiveKit server; its policy allows
// nothing else, no inline script or style, and no way of making markup of text.
package web

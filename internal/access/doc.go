// Package access checks what a command was given to enter a room with, before anything is loaded.
//
// In: server, credentials, room and identity as they came from flags, environment and files. Out:
// the same, completed from the token where there is one, or a *Error that names what is wrong and
// what to do. Nothing is sent anywhere, and a token's signature is not checked: only the server
// can. No secret, and no part of one, is ever part of an error.
package access

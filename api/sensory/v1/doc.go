// Package sensoryv1 holds the messages of the API. They are generated from the .proto files beside
// this one, whose comments say what each field means.
package sensoryv1

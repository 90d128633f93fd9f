// Package album holds pictures that were not drawn, and makes scenes of them: photographs, screens.
//
// An album is read once from a folder with a folder for each sort of picture, and never changes:
// any goroutine may draw from it. Which pictures are trained on and which are measured with is
// decided by picture, in different folders: a part of a picture never meets another part of it.
package album

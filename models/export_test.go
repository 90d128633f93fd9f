package models

// What tests reach.
var (
	Locations  = locations
	ErrNoGraph = errNoGraph
)

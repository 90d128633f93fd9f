// Package glance says what arithmetic alone tells of a picture: which colours it mostly has and
// where, whether it is dark, overexposed or blurred.
//
// In: a picture. Out: [Seen], each part with how sure it is. Nothing of a picture is kept, nothing
// is loaded, and a picture takes a few milliseconds.
//
// How the thresholds were chosen, and what they reach on pictures that were held out, stands in
// README.md beside this file.
package glance

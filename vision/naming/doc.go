// Package naming names what a picture shows, out of the thousand names of ImageNet.
//
// In: an open session of a classifier, and pictures. Out: names, each with how likely the network
// holds it, at a temperature chosen on photographs. Nothing of a picture is kept.
//
// Contract of the model, as models/convert makes it of EfficientNet-Lite: pixels f32[batch,3,S,S],
// red first, (v - 127) / 128 of 8 bits → logits f32[batch,1000]. The middle square of a picture
// is looked at.
//
// Where several names of one sort share the likelihood (tabby, tiger cat) the sort is told, of
// which the network is surer (cat). The names are WordNet's, see labels.tsv. How the temperature
// and the thresholds were chosen, and what they reach on pictures that were held out, stands in
// README.md beside this file.
package naming

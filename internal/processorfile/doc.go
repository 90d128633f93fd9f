// Package processorfile finds the settings of image processors and feature extractors in a model
// folder.
//
// In: a folder and the name of a part ("image_processor", "feature_extractor"). Out: the JSON text
// of that part and where it stands. The caller parses it; the package knows no fields.
//
// Folders come in two forms. Up to version 4 of the transformers library preprocessor_config.json
// holds all parts side by side; from version 5 on processor_config.json holds each under its name,
// and there is no other file. A folder may have both, from being saved again: they must say the
// same then, since programs disagree on which of the two counts.
package processorfile

// Package usm makes what language models that hear by themselves take of a clip: the log-mel
// features of the Universal Speech Model, and from them, with the model's audio encoder, tokens
// among those of a prompt.
//
// In: preprocessor_config.json, an open session of audio_encoder, clips of 16 kHz samples. Out:
// [Features], and [Clip], which the caller owns. The session is shared and stays its owner's.
// Everything is safe for concurrent use.
//
// Contract of the model: audio_encoder takes input_features float[1,frames,bins] and
// input_features_mask bool[1,frames], true where a frame was heard, and answers audio_features
// float[1,tokens,width].
//
// # Which reference
//
// The features follow the publisher's extractor (Gemma3nAudioFeatureExtractor of the Python library
// transformers). transformers.js, which the contract of the files comes from, makes the same values
// but differs in three things, in which this package goes with the publisher: the publisher cuts
// frames of one sample more than a window has, so that a clip whose padded length is a window and a
// whole number of hops has one frame less; it applies input_scale_factor, per_bin_mean and
// per_bin_stddev; and it knows preemphasis without the flavour of HTK. In the mask they agree for
// one clip: less than a hop is padded, so no frame begins in the padding. Both cut a clip that is
// longer than 30 s. This package refuses it.
package usm

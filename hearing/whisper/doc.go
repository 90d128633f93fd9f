// Package whisper runs the Whisper speech-to-text models, the accurate engine for final
// transcripts.
//
// In: encoder_model.onnx and decoder_model_merged.onnx in the commonly published form, the JSON
// files beside them, and clips of 16 kHz samples. Out: text with punctuation.
// generation_config.json decides prompt, end and suppressed tokens, preprocessor_config.json the
// spectrogram, tokenizer.json (or vocab.json) the text; nothing about a model's size is built in.
//
// Names that somebody may be called by are told to the model as the end of a text that came before
// (hearing.Hinted): up to 64 tokens between <|startofprev|> and the prompt. Each call brings its
// own, and nothing of them is kept. A piece in which none of them comes out is decoded again
// without: its text, AvgLogProb and NoSpeech are what they are without names, to the bit, for the
// price of decoding twice.
//
// A clip is not stretched to the 30 s window that the model was trained with: where the encoder
// takes any number of frames, it gets the clip and a little silence behind it, which makes it ten
// times faster; where it declares a fixed number, the clip is padded to that.
package whisper

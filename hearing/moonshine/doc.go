// Package moonshine runs the Moonshine speech-to-text models, the fast engine for interim
// transcripts.
//
// In: open sessions of encoder_model and decoder_model_merged, the bytes of tokenizer.bin, and
// clips of 16 kHz samples. Out: English text with punctuation. The sessions are shared and stay
// their owner's. Clips are decoded one after another by default: a clip of 3 s takes about 50 ms of
// one core. These models take no text before a transcript, so they are not hearing.Hinted: what
// Config.Names says changes nothing for them.
//
// Contract of the models: encoder input_values f32[1,samples], attention_mask i64[1,samples] →
// last_hidden_state f32[1,S,288]; decoder as in package seq2seq, with encoder_attention_mask over
// samples: the graph strides it itself.
package moonshine

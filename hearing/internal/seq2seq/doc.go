// Package seq2seq is what encoder-decoder speech models (Moonshine, Whisper) share: a pair of
// sessions, the check of a clip, places for clips, and the stepping of a merged decoder with
// key/value caches, the form in which such models are commonly exported.
//
// In: an open session of the decoder, the encoder's hidden states of a clip and token ids. Out: the
// logits behind the last token. The contract is by name: input_ids i64[1,n], encoder_hidden_states
// f32[1,t,d], optionally encoder_attention_mask i64[1,m] and use_cache_branch bool[1],
// past_key_values.L.{decoder,encoder}.{key,value} f32[1,heads,n,size] → logits f32[1,n,vocabulary],
// present.L.{decoder,encoder}.{key,value}. The first step takes empty caches; all later ones the
// decoder caches of the step before and the encoder caches of the first.
package seq2seq

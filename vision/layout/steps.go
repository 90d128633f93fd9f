package layout

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// knownSteps are the steps of image processors that are carried out here, or that change no
// picture: do_pad fills up batches of pictures of several sizes, and all pictures are RGB.
func knownSteps() []string {
	return []string{"do_resize", "do_rescale", "do_normalize", "do_image_splitting", "do_convert_rgb", "do_pad"}
}

// knownFields are the other fields that are read here, or of which it is known that no picture
// depends on them: how a step that is known, or switched off, is done; names; where and in which
// form a program computes; and what belongs to videos and to sound, which older versions of the
// transformers library keep in the same file.
func knownFields() []string {
	return []string{
		"image_processor_type", "size", "resample", "max_image_size", "rescale_factor", "image_mean", "image_std",
		"patch_size", "temporal_patch_size", "merge_size", "min_pixels", "max_pixels",
		"crop_size", "pad_size", "default_to_square", "return_row_col_info",
		"processor_class", "feature_extractor_type", "video_processor_type", "auto_map", "_valid_processor_keys", "transformers_version",
		"data_format", "input_data_format", "return_tensors", "device", "disable_grouping", "image_seq_length", "image_seq_len",
		"video_sampling", "video_size", "fps", "min_frames", "max_frames", "num_frames", "return_metadata",
		"feature_size", "sampling_rate", "frame_length", "hop_length", "fft_length", "fft_overdrive", "min_frequency", "max_frequency",
		"frame_length_ms", "hop_length_ms", "preemphasis", "preemphasis_htk_flavor", "mel_floor", "dither", "input_scale_factor",
		"padding_side", "padding_value", "return_attention_mask", "per_bin_mean", "per_bin_stddev",
	}
}

// checkFields refuses a processor that does, or may do, something to pictures that nobody here
// does: the model would see others than it was trained with. What is null or false is switched off,
// and is no such thing.
func checkFields(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil //nolint:nilerr // said before, with the field
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		off := string(fields[name]) == "null" || string(fields[name]) == "false"
		switch {
		case off || slices.Contains(knownSteps(), name):
		case strings.HasPrefix(name, "do_"):
			return Refuse(name, "a step that this program does not know: pictures would not be those that the model was trained with")
		case !slices.Contains(knownFields(), name):
			return Refuse(name, "a field that this program does not know: pictures may not be those that the model was trained with; "+
				"where it changes none, take it out of the file")
		}
	}
	return nil
}

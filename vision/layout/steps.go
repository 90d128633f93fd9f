package layout

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// knownSteps are the steps of image processors that are carried out here, or that change no picture: do_pad fills up batches of
// pictures of several sizes, and all pictures are RGB.
func knownSteps() []string {
	return []string{"do_resize", "do_rescale", "do_normalize", "do_image_splitting", "do_convert_rgb", "do_pad"}
}

// checkSteps refuses a processor that does something to pictures that nobody here does: the model would see others than it was
// trained with. Fields that say how a step is done, and steps that are switched off, are no such thing.
func checkSteps(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil //nolint:nilerr // said before, with the field
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if strings.HasPrefix(name, "do_") && string(fields[name]) == "true" && !slices.Contains(knownSteps(), name) {
			return Refuse(name, "a step that this program does not know: pictures would not be those that the model was trained with")
		}
	}
	return nil
}

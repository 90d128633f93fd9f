package vision

import (
	"fmt"
	"slices"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Names of the tensors of vision encoder exports; gridNames has those of the grid.
const (
	inputPixels    = "pixel_values"
	inputMask      = "pixel_attention_mask"
	outputFeatures = "image_features"
)

// gridNames are the names under which exports of the Qwen VL family take the grid of patches.
func gridNames() []string { return []string{"image_grid_thw", "grid_thw"} }

// checkInputs refuses what is no vision encoder, and tells one of patches from one of squares.
func checkInputs(inputs []ort.TensorInfo) (patches bool, err error) {
	pixels := false
	for _, info := range inputs {
		switch info.Name {
		case inputPixels:
			pixels = true
			err = checkPixels(info, len(inputs) == 1)
		case inputMask:
			err = checkMask(info)
		case gridNames()[0], gridNames()[1]:
			err = checkGrid(info)
		default:
			err = &ShapeError{Tensor: info.Name, Got: info.Shape, Problem: "a vision encoder has no such input"}
		}
		if err != nil {
			return false, err
		}
	}
	if !pixels {
		return false, &ShapeError{Tensor: inputPixels, Problem: "the model has no such input"}
	}
	return takesPatches(inputs)
}

// checkPixels looks at the pixels: an encoder of squares in a batch of rank 4 takes nothing else.
func checkPixels(info ort.TensorInfo, alone bool) error {
	if info.Type != ort.TypeFloat32 && info.Type != ort.TypeFloat16 {
		return &ShapeError{Tensor: info.Name, Problem: fmt.Sprintf("element type %v is not a float", info.Type)}
	}
	if rank := len(info.Shape); rank != 5 && rank != 2 && (rank != 4 || !alone) {
		return &ShapeError{Tensor: info.Name, Want: []int64{1, -1, 3, -1, -1}, Got: info.Shape, Problem: "neither an image batch nor patches"}
	}
	return nil
}

func checkMask(info ort.TensorInfo) error {
	if info.Type != ort.TypeBool {
		return &ShapeError{Tensor: info.Name, Problem: fmt.Sprintf("element type %v is not bool", info.Type)}
	}
	if len(info.Shape) != 4 {
		return &ShapeError{Tensor: info.Name, Want: []int64{1, -1, -1, -1}, Got: info.Shape, Problem: "not a mask of an image batch"}
	}
	return nil
}

// checkGrid looks at the input that says how patches lie.
func checkGrid(info ort.TensorInfo) error {
	if info.Type != ort.TypeInt64 || len(info.Shape) != 2 {
		return &ShapeError{Tensor: info.Name, Want: []int64{-1, 3}, Got: info.Shape, Problem: "not a grid of each picture in int64"}
	}
	return nil
}

// takesPatches tells whether the inputs are those of an encoder of patches, and refuses half of
// them.
func takesPatches(inputs []ort.TensorInfo) (bool, error) {
	grid := slices.IndexFunc(inputs, func(info ort.TensorInfo) bool { return slices.Contains(gridNames(), info.Name) })
	for _, info := range inputs {
		switch patches := len(info.Shape) == 2; {
		case info.Name == inputPixels && patches && grid < 0:
			return false, &ShapeError{Tensor: gridNames()[0], Problem: "the model takes patches and has no such input"}
		case info.Name == inputPixels && !patches && grid >= 0:
			return false, &ShapeError{Tensor: inputPixels, Want: []int64{-1, -1}, Got: info.Shape, Problem: "not patches, although the model takes a grid"}
		case info.Name == inputMask && grid >= 0:
			return false, &ShapeError{Tensor: inputMask, Got: info.Shape, Problem: "an encoder of patches has no such input"}
		}
	}
	return grid >= 0, nil
}

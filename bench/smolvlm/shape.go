package smolvlm

// Dimensions of SmolVLM-256M-Instruct, from its config.json and preprocessor_config.json.
const (
	Hidden   = 576   // width of the language model, and of one token of image features
	Vocab    = 49280 // scores per token
	Context  = 8192  // tokens
	Tile     = 512   // side of the square that the vision tower takes, in pixels
	Tokens   = 64    // per tile
	heads    = 9
	kvHeads  = 3
	headSize = 64
	inner    = 1536 // width inside of a feed-forward block
	ropeBase = 100000
	epsilon  = 1e-5 // of the language model's norms

	longestEdge   = 2048 // pixels, of a picture that is cut into tiles
	patch         = 16   // side of a patch, in pixels
	side          = Tile / patch
	patches       = side * side
	visionWidth   = 768
	visionHeads   = 12
	visionInner   = 3072
	visionEpsilon = 1e-6
	shuffle       = 4 // patches per side that become one token
)

// Shape says how many layers the two towers have, and the element type.
type Shape struct {
	TextLayers   int
	VisionLayers int
	// Half stores and computes in float16, in files with the suffix "_fp16".
	Half bool
	// Plain writes attention in standard operators, in place of the runtime's own, which has no
	// float32 form for CUDA.
	Plain bool
}

// Full is the whole model: 256 million parameters.
func Full() Shape { return Shape{TextLayers: 30, VisionLayers: 12} }

// Suffix is what the names of the graph files end with, before ".onnx".
func (s Shape) Suffix() string {
	if s.Half {
		return "_fp16"
	}
	return ""
}

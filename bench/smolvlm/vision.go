package smolvlm

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// tower is vision_encoder.onnx: a SigLIP tower, pixel shuffle and the projection to the language model's width. Pixels that the mask
// excludes are not looked at; positions are those of a full square, which every tile of a picture is.
func tower(s Shape) *onnx.Model {
	n := newNet("vision_encoder", s.Half)
	batch, images := onnx.Free("batch_size"), onnx.Free("num_images")
	height, width := onnx.Free("height"), onnx.Free("width")
	n.graph.Inputs = []onnx.Value{
		{Name: "pixel_values", Type: onnx.Float32, Shape: []onnx.Dim{batch, images, onnx.Fixed(3), height, width}},
		{Name: "pixel_attention_mask", Type: onnx.Bool, Shape: []onnx.Dim{batch, images, height, width}},
	}
	n.graph.Outputs = []onnx.Value{{Name: "image_features", Type: n.kind(), Shape: []onnx.Dim{images, onnx.Fixed(Tokens), onnx.Fixed(Hidden)}}}
	const vision = "model.vision_model."
	x := n.patches(vision + "embeddings.")
	mask := n.patchMask()
	for i := range s.VisionLayers {
		x = n.visionLayer(x, mask, fmt.Sprintf("%sencoder.layers.%d.", vision, i))
	}
	x = n.layerNorm(x, vision+"post_layernorm")
	n.node("Identity", "", []string{n.connect(x)}, []string{"image_features"})
	return n.finish()
}

// patches is [images, patches, width].
func (n *net) patches(name string) string {
	pixels := n.op("Reshape", []string{"pixel_values", n.ints(-1, 3, Tile, Tile)})
	if n.half {
		pixels = n.cast(pixels, onnx.Float16)
	}
	conv := n.op("Conv", []string{pixels, n.weight(name+"patch_embedding.weight", visionWidth, 3, patch, patch), n.weight(name+"patch_embedding.bias", visionWidth)},
		onnx.Ints("kernel_shape", patch, patch), onnx.Ints("strides", patch, patch))
	rows := n.op("Transpose", []string{n.op("Reshape", []string{conv, n.ints(0, visionWidth, patches)})}, onnx.Ints("perm", 0, 2, 1))
	return n.op("Add", []string{rows, n.weight(name+"position_embedding.weight", patches, visionWidth)})
}

// patchMask is [images, 1, 1, patches]: 0 for a patch with at least one pixel of the picture, far below elsewhere.
func (n *net) patchMask() string {
	seen := n.cast(n.op("Reshape", []string{"pixel_attention_mask", n.ints(-1, 1, Tile, Tile)}), onnx.Float32)
	seen = n.op("MaxPool", []string{seen}, onnx.Ints("kernel_shape", patch, patch), onnx.Ints("strides", patch, patch))
	seen = n.cast(n.op("Reshape", []string{seen, n.ints(0, 1, 1, patches)}), onnx.Bool)
	return n.op("Where", []string{seen, n.number(0), n.number(-60000)})
}

// layerNorm normalises the last axis.
func (n *net) layerNorm(x, name string) string {
	return n.op("LayerNormalization", []string{x, n.weight(name+".weight", visionWidth), n.weight(name+".bias", visionWidth)},
		onnx.Float("epsilon", visionEpsilon), onnx.Int("axis", -1))
}

// visionLayer is attention over all patches and a feed-forward block, norms first.
func (n *net) visionLayer(x, mask, layer string) string {
	const size, scale = visionWidth / visionHeads, 1. / 8 // 1/√64
	attn := layer + "self_attn."
	normed := n.layerNorm(x, layer+"layer_norm1")
	part := func(name string, factor float32) string {
		return n.split(n.linear(normed, attn+name, visionWidth, visionWidth, factor, true), visionHeads, size)
	}
	scores := n.op("MatMul", []string{part("q_proj", scale), n.op("Transpose", []string{part("k_proj", 1)}, onnx.Ints("perm", 0, 1, 3, 2))})
	scores = n.op("Softmax", []string{n.op("Add", []string{scores, mask})}, onnx.Int("axis", -1))
	mixed := n.join(n.op("MatMul", []string{scores, part("v_proj", 1)}), visionWidth)
	x = n.op("Add", []string{x, n.linear(mixed, attn+"out_proj", visionWidth, visionWidth, 1, true)})
	wide := n.linear(n.layerNorm(x, layer+"layer_norm2"), layer+"mlp.fc1", visionInner, visionWidth, 1, true)
	wide = n.op("Gelu", []string{wide}, onnx.String("approximate", "tanh"))
	return n.op("Add", []string{x, n.linear(wide, layer+"mlp.fc2", visionWidth, visionInner, 1, true)})
}

// connect lays 4 × 4 patches side by side and projects them.
func (n *net) connect(x string) string {
	const short, wide = side / shuffle, visionWidth * shuffle
	x = n.op("Reshape", []string{x, n.ints(0, side, short, wide)})
	x = n.op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1, 3))
	x = n.op("Reshape", []string{x, n.ints(0, short, short, wide*shuffle)})
	x = n.op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1, 3))
	x = n.op("Reshape", []string{x, n.ints(0, Tokens, wide*shuffle)})
	return n.linear(x, "model.connector.modality_projection.proj", Hidden, wide*shuffle, 1, false)
}

package smolvlm

import "fmt"

// weights lists every weight of the model.
func (s Shape) weights() []tensor {
	const vision = "model.vision_model."
	list := []tensor{
		newTensor("model.text_model.embed_tokens.weight", Vocab, Hidden),
		newTensor("lm_head.weight", Vocab, Hidden),
		newTensor("model.text_model.norm.weight", Hidden),
		newTensor("model.connector.modality_projection.proj.weight", Hidden, visionWidth*shuffle*shuffle),
		newTensor(vision+"embeddings.patch_embedding.weight", visionWidth, 3, patch, patch),
		newTensor(vision+"embeddings.patch_embedding.bias", visionWidth),
		newTensor(vision+"embeddings.position_embedding.weight", patches, visionWidth),
		newTensor(vision+"post_layernorm.weight", visionWidth),
		newTensor(vision+"post_layernorm.bias", visionWidth),
	}
	for i := range s.TextLayers {
		layer := fmt.Sprintf("model.text_model.layers.%d.", i)
		list = append(list,
			newTensor(layer+"input_layernorm.weight", Hidden),
			newTensor(layer+"post_attention_layernorm.weight", Hidden),
			newTensor(layer+"self_attn.q_proj.weight", heads*headSize, Hidden),
			newTensor(layer+"self_attn.k_proj.weight", kvHeads*headSize, Hidden),
			newTensor(layer+"self_attn.v_proj.weight", kvHeads*headSize, Hidden),
			newTensor(layer+"self_attn.o_proj.weight", Hidden, heads*headSize),
			newTensor(layer+"mlp.gate_proj.weight", inner, Hidden),
			newTensor(layer+"mlp.up_proj.weight", inner, Hidden),
			newTensor(layer+"mlp.down_proj.weight", Hidden, inner))
	}
	for i := range s.VisionLayers {
		layer := fmt.Sprintf("%sencoder.layers.%d.", vision, i)
		for _, name := range []string{"q_proj", "k_proj", "v_proj", "out_proj"} {
			list = append(list, newTensor(layer+"self_attn."+name+".weight", visionWidth, visionWidth), newTensor(layer+"self_attn."+name+".bias", visionWidth))
		}
		list = append(list,
			newTensor(layer+"mlp.fc1.weight", visionInner, visionWidth), newTensor(layer+"mlp.fc1.bias", visionInner),
			newTensor(layer+"mlp.fc2.weight", visionWidth, visionInner), newTensor(layer+"mlp.fc2.bias", visionWidth))
		for _, name := range []string{"layer_norm1", "layer_norm2"} {
			list = append(list, newTensor(layer+name+".weight", visionWidth), newTensor(layer+name+".bias", visionWidth))
		}
	}
	return list
}

package models

import (
	"path"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

// The language graphs of a base model, by the names of the published exports.
const (
	graphEmbed   = "embed_tokens"
	graphDecoder = "decoder_model_merged"
)

// need is a file that a family's runner opens.
type need struct {
	what string
	any  []string // patterns in the syntax of path.Match; one of them will do
}

// file is a need for the first of several names.
func file(names ...string) need { return need{what: strings.Join(names, " or "), any: names} }

// graph is a graph of a base model: in onnx/ or beside the configuration, with the suffix of the
// entry's variant; without one any variant will do where there is one only, which its runner
// decides.
func graph(name, variant string) need {
	n := need{what: "onnx/" + name + variant + ".onnx", any: []string{"onnx/" + name + variant + ".onnx", name + variant + ".onnx"}}
	if variant == "" {
		n.any = append(n.any, "onnx/"+name+"_*.onnx")
	}
	return n
}

// needs lists what the runner of an entry's family opens. A family without a list has none: what
// its files lack shows when it is loaded.
func (e *Entry) needs() []need {
	if e.Convert != "" {
		return nil // the conversion makes them
	}
	voice := strings.TrimPrefix(e.ID, e.Family+"-")
	text := []need{file("config.json"), file("tokenizer.json"), graph(graphEmbed, e.Variant), graph(graphDecoder, e.Variant)}
	sight := append(slices.Clone(text), file(processorfile.Flat, processorfile.Nested), graph("vision_encoder", ""))
	switch e.Family {
	case "llama":
		return text
	case "idefics3", "qwen-vl":
		return sight
	case "gemma3n":
		if e.Sound {
			sight = append(sight, graph("audio_encoder", ""))
		}
		return sight
	case "whisper":
		return []need{
			file("encoder_model.onnx", "encoder_model_int8.onnx"), file("decoder_model_merged.onnx", "decoder_model_merged_int8.onnx"),
			file(processorfile.Flat, processorfile.Nested), file("generation_config.json"), file("tokenizer.json", "vocab.json"),
		}
	case "moonshine":
		return []need{file("encoder_model.ort"), file("decoder_model_merged.ort"), file("tokenizer.bin")}
	case "silero":
		return []need{file("silero_vad.onnx")}
	case "smart-turn":
		return []need{file("smart-turn-v3.2-cpu.onnx")}
	case "pp-ocr":
		return []need{file("*_det_*.onnx"), file("*_rec_*.onnx")}
	case "piper":
		return []need{file(voice + ".onnx"), file(voice + ".onnx.json")}
	case "kokoro":
		if strings.Contains(voice, "_") { // a style, not the model
			return []need{file(voice + ".bin")}
		}
	case "onnxruntime":
		return []need{file("libonnxruntime.so*")}
	}
	return nil
}

// with are the ids of the models that an entry is loaded with: a style of Kokoro is a voice
// together with the model.
func (e *Entry) with() []string {
	if e.Family == "kokoro" && e.ID != kokoroModel {
		return []string{kokoroModel}
	}
	return nil
}

// kokoroModel is the entry that every style of Kokoro is loaded with.
const kokoroModel = "kokoro-82m"

// lacks lists what the family needs and the files do not have.
func (e *Entry) lacks(files []string) []string {
	var missing []string
	for _, n := range e.needs() {
		if n.first(files) < 0 {
			missing = append(missing, n.what)
		}
	}
	return missing
}

// first returns the place of the file that will do, by the order of the patterns, or -1.
func (n need) first(files []string) int {
	for _, pattern := range n.any {
		i := slices.IndexFunc(files, func(file string) bool {
			ok, err := path.Match(pattern, file)
			return ok && err == nil
		})
		if i >= 0 {
			return i
		}
	}
	return -1
}

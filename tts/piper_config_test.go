package tts

import (
	"slices"
	"strings"
	"testing"
)

const smallConfig = `{"audio":{"sample_rate":22050},"espeak":{"voice":"en-us"},
"inference":{"noise_scale":0.5,"length_scale":1.1,"noise_w":0.7},"phoneme_type":"espeak","num_symbols":16,"num_speakers":1,
"phoneme_id_map":{"_":[0],"^":[1],"$":[2]," ":[3],"a":[4],"c":[5],"\u0327":[6],"ˈ":[7],"b":[8,9]}}`

func TestPiperConfig(t *testing.T) {
	c, err := parsePiperConfig([]byte(smallConfig))
	if err != nil {
		t.Fatal(err)
	}
	if c.rate != 22050 || c.voice != "en-us" || c.scales != [3]float32{0.5, 1.1, 0.7} {
		t.Errorf("got %+v", c)
	}
	// ç is decomposed into c and a cedilla; x is unknown; b has two ids; controls in the text are
	// no controls.
	ids, known, unknown := c.encode("ˈaç xb_$")
	if want := []int64{1, 0, 7, 0, 4, 0, 5, 0, 6, 0, 3, 0, 8, 9, 0, 2}; !slices.Equal(ids, want) || known != 3 || unknown != 3 {
		t.Errorf("got %v (%d known, %d unknown), want %v", ids, known, unknown, want)
	}
}

func TestPiperConfigDefaults(t *testing.T) {
	c, err := parsePiperConfig([]byte(strings.Replace(smallConfig, `"noise_scale":0.5,"length_scale":1.1,"noise_w":0.7`, "", 1)))
	if err != nil || c.scales != [3]float32{0.667, 1, 0.8} {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestPiperConfigTakesTheEdges(t *testing.T) {
	for _, change := range [][2]string{
		{"22050", "8000"},
		{"22050", "48000"},
		{`"num_symbols":16`, `"num_symbols":65536`},
		{`"num_speakers":1`, `"num_speakers":0`},
		{`"phoneme_type":"espeak",`, ``},
		{`[4]`, `[15]`},
		{`[4]`, `[4,4,4,4,4,4,4,4]`},
		{`"noise_scale":0.5,"length_scale":1.1,"noise_w":0.7`, `"noise_scale":0,"length_scale":0.1,"noise_w":0`},
		{`"noise_scale":0.5,"length_scale":1.1,"noise_w":0.7`, `"noise_scale":2,"length_scale":10,"noise_w":2`},
	} {
		text := strings.Replace(smallConfig, change[0], change[1], 1)
		if text == smallConfig {
			t.Fatalf("%q changes nothing", change)
		}
		if _, err := parsePiperConfig([]byte(text)); err != nil {
			t.Errorf("%s: %v", change[1], err)
		}
	}
}

func TestPiperConfigRefuses(t *testing.T) {
	for name, change := range map[string][2]string{
		"rate":         {"22050", "100"},
		"voice":        {`"en-us"`, `"-q"`},
		"text voice":   {`"espeak","num`, `"text","num`},
		"speakers":     {`"num_speakers":1`, `"num_speakers":4`},
		"symbols":      {`"num_symbols":16`, `"num_symbols":8`},
		"negative id":  {`[4]`, `[-4]`},
		"no ids":       {`[4]`, `[]`},
		"two runes":    {`"a"`, `"aa"`},
		"no pad":       {`"_":[0],`, ``},
		"length scale": {"1.1", "0"},
		"low rate":     {"22050", "7999"},
		"high rate":    {"22050", "48001"},
		"no voice":     {`"en-us"`, `""`},
		"no symbols":   {`"num_symbols":16`, `"num_symbols":0`},
		"many symbols": {`"num_symbols":16`, `"num_symbols":65537`},
		"id too large": {`[4]`, `[16]`},
		"many ids":     {`[4]`, `[4,4,4,4,4,4,4,4,4]`},
		"no phoneme":   {`"a"`, `""`},
		"no start":     {`"^":[1],`, ``},
		"no end":       {`"$":[2],`, ``},
		"noise":        {"0.5", "-0.1"},
		"much noise":   {"0.5", "2.1"},
		"short":        {"1.1", "0.09"},
		"long":         {"1.1", "10.1"},
		"noise w":      {"0.7", "-0.1"},
		"much noise w": {"0.7", "2.1"},
		"truncated":    {`}}`, ``},
	} {
		text := strings.Replace(smallConfig, change[0], change[1], 1)
		if text == smallConfig {
			t.Fatalf("%s changes nothing", name)
		}
		if c, err := parsePiperConfig([]byte(text)); err == nil {
			t.Errorf("%s: accepted as %+v", name, c)
		}
	}
}

func FuzzPiperConfig(f *testing.F) {
	f.Add([]byte(smallConfig), "ˈaç")
	f.Add([]byte(`{}`), "a")
	f.Fuzz(func(t *testing.T, data []byte, phonemes string) {
		c, err := parsePiperConfig(data)
		if err != nil {
			return
		}
		ids, _, _ := c.encode(phonemes)
		for _, id := range ids {
			if id < 0 || id >= c.symbols {
				t.Fatalf("id %d of %d symbols", id, c.symbols)
			}
		}
	})
}

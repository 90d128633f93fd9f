package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/album"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/evaluate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sceneeval:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	var c evaluate.Config
	folder := flag.String("model", "models/calibration/weights", "folder of the model")
	library := flag.String("runtime", "", "ONNX Runtime library; the installed one when empty")
	name := flag.String("codec", "vp8", "video codec")
	wrong := flag.Bool("wrong", false, "print every wrong answer")
	flag.IntVar(&c.Scenes, "scenes", 24, "pictures of each kind and size")
	flag.IntVar(&c.PerScene, "per-scene", 2, "questions of each kind about a picture")
	kinds := flag.String("kinds", "", "kinds of pictures, separated by commas; all when empty")
	pictures := flag.String("pictures", "", "folder of real pictures that were not trained on: a folder for each sort")
	flag.BoolVar(&c.Earlier, "earlier", false, "show every picture as an earlier one, too")
	flag.Uint64Var(&c.Seed, "seed", scene.EvaluationSeed, "first seed")
	flag.Parse()
	if c.Codec, err = codec.ParseVideoCodec(*name); err != nil {
		return err
	}
	if c.Kinds, c.Album, err = chosen(*kinds, *pictures); err != nil {
		return err
	}
	c.Progress = func(done, total int) {
		if done%10 == 0 || done == total {
			fmt.Fprintf(os.Stderr, "\r%d of %d pictures", done, total)
		}
	}
	if *wrong {
		c.Wrong = func(seed uint64, kind scene.Kind, qa scene.QA, answer string) {
			fmt.Printf("%d %s: %s %q\n  right: %s\n  said:  %s\n", seed, kind, qa.Kind, qa.Question, qa.Answer, answer)
		}
	}
	rt, err := ort.Open(ort.Config{LibraryPath: *library})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	model, err := evaluate.Open(ctx, rt, generate.Dir(*folder))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.Close()) }()
	report, err := evaluate.Run(ctx, model, c)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr)
	fmt.Printf("%s, %v, %d pictures\n\n%s", report.Codec, report.Sizes, report.Scenes, report.Markdown())
	return nil
}

// chosen reads the kinds of pictures, and the album if there is one.
func chosen(kinds, pictures string) (of []scene.Kind, a *album.Album, err error) {
	if kinds != "" {
		for _, kind := range strings.Split(kinds, ",") {
			of = append(of, scene.Kind(kind))
		}
	}
	if pictures != "" {
		a, err = album.Open(os.DirFS(pictures))
	}
	return of, a, err
}

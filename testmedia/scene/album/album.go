package album

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // pictures in albums
	_ "image/png"
	"io/fs"
	"math/rand/v2"
	"path"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// ErrAlbum means that a folder holds no pictures, or one that cannot be used: JPEG and PNG files in
// a folder for each sort are wanted.
var ErrAlbum = errors.New("album: no pictures")

// maxPixels bounds one picture: 64 MiB decoded.
const maxPixels = 16 << 20

// Album is the pictures of a folder, by sort.
type Album struct {
	sorts    []string // in the order of their names
	pictures [][]image.Image
}

// Open reads an album: sort/name.jpg and sort/name.png. Errors wrap ErrAlbum and name the file.
func Open(folder fs.FS) (*Album, error) {
	a := &Album{}
	files, err := fs.Glob(folder, "*/*")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAlbum, err)
	}
	for _, name := range files { // sorted, so sorts stand together
		sort := path.Dir(name)
		if len(a.sorts) == 0 || a.sorts[len(a.sorts)-1] != sort {
			a.sorts, a.pictures = append(a.sorts, sort), append(a.pictures, nil)
		}
		picture, err := read(folder, name)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrAlbum, name, err)
		}
		a.pictures[len(a.pictures)-1] = append(a.pictures[len(a.pictures)-1], picture)
	}
	if len(a.sorts) == 0 {
		return nil, ErrAlbum
	}
	return a, nil
}

func read(folder fs.FS, name string) (image.Image, error) {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, err
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if size.Width*size.Height > maxPixels || size.Width < scene.MinSide || size.Height < scene.MinSide {
		return nil, fmt.Errorf("%w: %d×%d", scene.ErrSize, size.Width, size.Height)
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	return picture, err
}

// Sorts names what the pictures are, in order. The slice is the caller's.
func (a *Album) Sorts() []string { return append([]string(nil), a.sorts...) }

// Len is how many pictures there are.
func (a *Album) Len() int {
	n := 0
	for _, of := range a.pictures {
		n += len(of)
	}
	return n
}

// Draw makes the scene of a seed from a part of one of the pictures, each as likely as any other.
// It is pure: the same seed and options always give the same scene. Errors are those of scene.Real.
func (a *Album) Draw(seed uint64, opt scene.Options) (*scene.Scene, error) {
	at := rand.New(rand.NewPCG(seed, 0xa1b)).IntN(a.Len())
	for i, of := range a.pictures {
		if at < len(of) {
			return scene.Real(seed, a.sorts[i], of[at], opt)
		}
		at -= len(of)
	}
	return nil, ErrAlbum
}
